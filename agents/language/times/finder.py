"""Find the times in a question, from left to right, each as long as possible."""

from collections.abc import Callable, Iterator

from agents.language.times.calendar import TimeSpan
from agents.language.times.ranges import find_before_after, find_between, find_day_before, find_open
from agents.language.times.recurring import find_hours, find_weekday, find_weekend, find_workday
from agents.language.times.time_words import TimeWords
from agents.language.times.units import (
    find_date,
    find_half,
    find_last_n,
    find_month,
    find_nth,
    find_relative,
    find_week_of,
)

FINDERS: tuple[Callable[[TimeWords, int], TimeSpan | None], ...] = (
    find_before_after,
    find_between,
    find_hours,
    find_open,
    find_day_before,
    find_week_of,
    find_half,
    find_weekend,
    find_workday,
    find_last_n,
    find_nth,
    find_relative,
    find_weekday,
    find_date,
    find_month,
)


def find_times(words: TimeWords) -> Iterator[TimeSpan]:
    place = 0
    while place < len(words.tokens):
        span = None if words.taken[place] else _find_at(words, place)
        if span:
            yield span
            place = span.last
        else:
            place += 1


def _find_at(words: TimeWords, place: int) -> TimeSpan | None:
    return next((span for find in FINDERS if (span := find(words, place)) is not None), None)
