"""Quarters, halves, weeks of a year, years and periods to come or up to now: "Q4", "H1 2026", "2026-W12", "in 2026",
"the next 30 days", "month to date"."""

import re
from datetime import date, timedelta

from agents.language.times.calendar import DAY, TimeSpan, get_next_month, make_iso_week, shift_months
from agents.language.times.time_words import TimeWords

MAX_NUMBER = 10_000
YEAR_LEADS = frozenset({"in", "for", "during", "im", "en", "of", "year"})
"""Words before a number that is a year."""

_HALF = re.compile(r"h([12])")
_QUARTER = re.compile(r"q([1-4])")
_WEEK = re.compile(r"(?:w|kw|cw|week)(\d{1,2})")


def find_period_of_year(words: TimeWords, place: int) -> TimeSpan | None:
    """Return 2026-Q1, H1, H1 2026, 2026-H1, KW 12 2026, week 12 of 2026, 2026-W12."""
    before, at = read_year(words, place)
    if before is not None and at != place + 1:
        return None
    token = words.tokens[at].text if at < len(words.tokens) else ""
    if found := _HALF.fullmatch(token):
        year, end = (before, at + 1) if before else read_year(words, at + 1)
        return _to_half(words, place, end, int(found[1]), year)
    if before is not None and (found := _QUARTER.fullmatch(token)):
        start = date(before, 3 * int(found[1]) - 2, 1)
        return TimeSpan(first=place, last=at + 1, start=start, end=shift_months(start, 3))
    week = _read_week(words, at)
    if week is None:
        return None
    year, end = (before, week[1]) if before else read_year(words, week[1])
    monday = make_iso_week(year, week[0]) if year else None
    if monday is None:
        return None
    return TimeSpan(first=place, last=end, start=monday, end=monday + 7 * DAY, label=f"week {week[0]}")


def _to_half(words: TimeWords, place: int, last: int, number: int, stated: int | None) -> TimeSpan:
    years = [stated] if stated else range(words.extent.first.year, words.extent.last.year + 1)
    start = min((date(year, 6 * number - 5, 1) for year in years), key=words.extent.get_distance)
    return TimeSpan(first=place, last=last, start=start, end=shift_months(start, 6))


def _read_week(words: TimeWords, place: int) -> tuple[int, int] | None:
    """Return the number of the calendar week at `place`, and where it ends."""
    if place >= len(words.tokens):
        return None
    if found := _WEEK.fullmatch(words.tokens[place].text):
        return int(found[1]), place + 1
    end = words.find(place, "week")
    return words.read_number(words.skip(end, "number", "no", "nr")) if end else None


def find_quarter(words: TimeWords, place: int) -> TimeSpan | None:
    """Q4, Q4 2026, the fourth quarter, this quarter."""
    at = words.skip(place, "the")
    if at >= len(words.tokens):
        return None
    word = words.tokens[at].text
    if len(word) == 2 and word[0] == "q" and word[1] in "1234":
        return _to_quarter(words, place, at + 1, int(word[1]))
    number = words.read_number(at)
    if number and 1 <= number[0] <= 4 and (end := words.find(number[1], "quarters")):
        return _to_quarter(words, place, end, number[0])
    current = (words.extent.last.month - 1) // 3 + 1
    for name, step in (("last", -1), ("this", 0), ("next", 1)):
        if (end := words.find(at, name)) and (last := words.find(end, "quarters")):
            start = date(words.extent.last.year, 3 * current - 2, 1)
            start = shift_months(start, 3 * step)
            return TimeSpan(first=place, last=last, start=start, end=shift_months(start, 3))
    return None


def _to_quarter(words: TimeWords, place: int, last: int, number: int) -> TimeSpan:
    stated, end = read_year(words, last)
    years = [stated] if stated else list(range(words.extent.first.year, words.extent.last.year + 1))
    starts = [date(each, 3 * number - 2, 1) for each in years]
    start = min(starts, key=words.extent.get_distance)
    return TimeSpan(first=place, last=end, start=start, end=shift_months(start, 3))


def read_year(words: TimeWords, place: int) -> tuple[int | None, int]:
    """Return a year at `place`, and where it ends."""
    at = words.skip(place, "of", "de", "in")
    token = words.tokens[at].text if at < len(words.tokens) else ""
    is_year = token.isdecimal() and len(token) == 4 and 2000 <= int(token) <= 2100
    return (int(token), at + 1) if is_year else (None, place)


def find_year(words: TimeWords, place: int) -> TimeSpan | None:
    """In 2026, this year, next year."""
    last_year = words.extent.last.year
    if words.tokens[place].text in YEAR_LEADS:
        year, end = read_year(words, place + 1)
        is_part = find_period_of_year(words, place + 1) is not None  # "in 2026-Q1"
        if year is not None and not words.taken[end - 1] and end == place + 2 and not is_part:
            return TimeSpan(first=place, last=end, start=date(year, 1, 1), end=date(year + 1, 1, 1))
    at = words.skip(place, "the")
    for name, step in (("last", -1), ("this", 0), ("next", 1)):
        after = words.find(at, name)
        if after and (last := words.find(after, "year")):
            start = date(last_year + step, 1, 1)
            return TimeSpan(first=place, last=last, start=start, end=start.replace(year=start.year + 1))
    return None


def find_to_date(words: TimeWords, place: int) -> TimeSpan | None:
    """Month to date, year to date, this week so far: from its first day to the log's last one."""
    last_day = words.extent.last
    starts = {
        "week": last_day - timedelta(days=last_day.weekday()),
        "month": last_day.replace(day=1),
        "quarters": date(last_day.year, 3 * ((last_day.month - 1) // 3) + 1, 1),
        "year": date(last_day.year, 1, 1),
    }
    for name, start in starts.items():
        unit = words.find(words.find(place, "this") or place, name)
        last = words.find(place, f"{name}_to_date") or (words.find(unit, "to_date") if unit else None)
        if last:
            return TimeSpan(first=place, last=last, start=start, end=last_day + DAY)
    return None


def find_next_n(words: TimeWords, place: int) -> TimeSpan | None:
    """The next 30 days."""
    at = words.find(place, "next")
    number = words.read_number(at) if at else None
    if number is None or not 0 < number[0] <= MAX_NUMBER:
        return None
    start = words.extent.last + DAY
    for name, days in (("days", 1), ("weeks", 7)):
        if last := words.find(number[1], name):
            return TimeSpan(first=place, last=last, start=start, end=start + number[0] * days * DAY)
    if last := words.find(number[1], "months"):
        first = get_next_month(words.extent.last) if start.day != 1 else start
        return TimeSpan(first=place, last=last, start=first, end=shift_months(first, number[0]))
    return None
