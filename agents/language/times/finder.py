"""Find the times in a question, from left to right, each as long as possible."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from agents.language.times.calendar import TimeSpan
from agents.language.times.day_ranges import find_day_range
from agents.language.times.halves import find_half
from agents.language.times.long_units import find_next_n, find_period_of_year, find_quarter, find_to_date, find_year
from agents.language.times.ranges import find_before_after, find_between, find_open, find_whole
from agents.language.times.recurring import find_hours, find_weekday, find_weekend, find_workday
from agents.language.times.shifts import find_shift
from agents.language.times.time_words import TimeWords
from agents.language.times.units import (
    find_date,
    find_last_n,
    find_month,
    find_nth,
    find_relative,
    find_week_of,
)

FINDERS: tuple[Callable[[TimeWords, int], TimeSpan | None], ...] = (
    find_whole,
    find_before_after,
    find_day_range,
    find_between,
    find_hours,
    find_shift,
    find_open,
    find_to_date,
    find_week_of,
    find_period_of_year,
    find_half,
    find_weekend,
    find_workday,
    find_last_n,
    find_next_n,
    find_quarter,
    find_year,
    find_nth,
    find_relative,
    find_weekday,
    find_date,
    find_month,
)

WEEK_DAYS = 7
PREVIOUS = frozenset({"previous", "prior", "vorige", "vorigen"})


def find_times(words: TimeWords) -> Iterator[TimeSpan]:
    """Yield the times. "This week" beside "last week" is the log's last one, and the other one that before it; so is
    "last week" beside "the previous week"."""
    found = list(_find_all(words))
    current = {(time.start, time.end) for time in found if time.label == "this"}
    previous = [time for time in found if _is_previous(words, time)]
    others = {(time.start, time.end) for time in found if time.label == "last" and time not in previous}
    for time in found:
        if time in previous and time.start and time.end and (time.start, time.end) in others:
            yield time.narrow(_get_start_before(time.start, time.end), time.start)
            continue
        if time.label == "last" and time.start and time.end and (time.start, time.end) in current:
            yield time.narrow(_get_start_before(time.start, time.end), time.start)
        else:
            yield time


def _is_previous(words: TimeWords, time: TimeSpan) -> bool:
    """Whether "the previous week" is said, which is another one beside "last week"."""
    return time.label == "last" and any(token.text in PREVIOUS for token in words.tokens[time.first : time.last])


def _get_start_before(start: date, end: date) -> date:
    days = (end - start).days
    return start - timedelta(days=days) if days == WEEK_DAYS else (start - timedelta(days=1)).replace(day=1)


def _find_all(words: TimeWords) -> Iterator[TimeSpan]:
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
