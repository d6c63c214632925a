"""Periods that are named by another one: "the day before", "the 7 days before", "the week after", "the one before"."""

from collections.abc import Collection
from datetime import date

from agents.language.times.calendar import DAY, DAY_AFTER, DAY_BEFORE, TimeSpan, shift_months
from agents.language.times.ranges import find_open, find_point
from agents.language.times.time_words import TimeWords

UNITS = ("day", "week", "month", "days", "weeks", "months")
ONES = frozenset({"one", "eins", "einen", "eine", "celui", "celle", "el", "la"})
"""Words that stand for the period before: "the one before that"."""

WEEKS = frozenset({"week", "weeks", "woche", "wochen", "vorwoche", "semaine", "semaines", "semana", "semanas"})
MONTHS = frozenset({"month", "months", "monat", "monate", "monaten", "vormonat", "mois", "mes", "meses"})
DAYS = frozenset({"day", "days", "tag", "tage", "tagen", "veille", "jour", "jours", "dia", "dias"})
MAX_COUNT = 10_000
ARTICLES = ("the", "die", "der", "den", "das", "les", "le", "la", "los", "las", "el")


def find_shift(words: TimeWords, place: int) -> TimeSpan | None:
    """The period before or after another one; also the week before a day that is named."""
    last = words.find(place, "day_before")
    count, is_later = 0, False
    if last is None:
        found = _find_counted(words, words.skip(place, *ARTICLES)) or _find_one(words, words.skip(place, *ARTICLES))
        if found is None:
            return None
        last, count, is_later = found
    point = find_point(words, last)
    if point is not None:
        return _to_period(words, place, last, point, count=count, is_later=is_later)
    if find_open(words, last - 1) is not None:
        return None  # "the month after the launch on 3 May"
    return TimeSpan(first=place, last=last, label=DAY_AFTER if is_later else DAY_BEFORE, count=count)


def _find_counted(words: TimeWords, place: int) -> tuple[int, int, bool] | None:
    """Return where "7 days before", "previous 7 days" or "week after" ends, the number, and whether it is later."""
    turned = words.find(place, "earlier", "later") if place < len(words.tokens) else None
    number = words.read_number(turned or place)
    unit = words.find(number[1], *UNITS) if number and 0 < number[0] <= MAX_COUNT else None
    if turned is not None:
        is_later = words.find(place, "later") is not None
        return (unit, number[0], is_later) if unit and number else None
    if unit is None:
        number, unit = (0, place), words.find(place, *UNITS)
    last = words.find(unit, "earlier", "later") if unit else None
    if last is None or unit is None or number is None:
        return None
    return last, number[0], words.find(unit, "later") is not None


def _find_one(words: TimeWords, place: int) -> tuple[int, int, bool] | None:
    """Return where "one before that" ends."""
    if place >= len(words.tokens) or words.tokens[place].text not in ONES:
        return None
    last = words.find(place + 1, "earlier", "later")
    return None if last is None else (last, 0, words.find(place + 1, "later") is not None)


def _to_period(
    words: TimeWords, place: int, last: int, point: tuple[date, date, int], *, count: int, is_later: bool
) -> TimeSpan:
    """Return the period of "the 7 days before 3 May"."""
    said = {token.text for token in words.tokens[place:last]}
    start, end, after = point
    if is_later:
        return TimeSpan(first=place, last=after, start=end, end=shift(end, said, count or 1))
    return TimeSpan(first=place, last=after, start=shift(start, said, -(count or 1)), end=start)


def shift(day: date, said: Collection[str], count: int) -> date:
    """Return the day so many days, weeks or months later, as the words say: from a month's first day to another's."""
    if MONTHS.intersection(said):
        return shift_months(day, count) if day.day == 1 else day + 30 * count * DAY
    return day + (7 if WEEKS.intersection(said) else 1) * count * DAY


def names_length(said: Collection[str]) -> bool:
    """Whether words say how long a period is."""
    return bool((DAYS | WEEKS | MONTHS).intersection(said))
