"""Halves of a month or of the log: "the first half of October", "the second half of the log"."""

from dataclasses import replace

from agents.language.times.calendar import DAY, HALF, TimeSpan, get_next_month
from agents.language.times.time_words import TimeWords
from agents.language.times.units import find_month


def find_half(words: TimeWords, place: int) -> TimeSpan | None:
    """The first half of October."""
    number = words.read_number(place) or ((1, place + 1) if words.find(place, "first") else None)
    if number is None and words.find(place, "last"):
        number = (2, place + 1)
    at = words.find(number[1], "half") if number and number[0] in (1, 2) else None
    if at and number and (whole := words.find(at, "of_log", "whole")):
        return _to_half_of_log(words, place, whole, number[0])
    month = find_month(words, words.skip(at, "of", "de", "des", "von", "im")) if at else None
    if at and month is None:
        month = _find_logged_month(words, place, at) or _find_any_month(words, place, at)
    if month is None and at:
        return TimeSpan(first=place, last=at, label=HALF)
    if month is None or number is None or month.start is None or month.end is None:
        return None
    middle = month.start.replace(day=16)
    start, end = (month.start, middle) if number[0] == 1 else (middle, month.end)
    last = _skip_restated(words, month.last)
    return TimeSpan(first=place, last=last, start=start, end=end)


def _to_half_of_log(words: TimeWords, place: int, last: int, number: int) -> TimeSpan:
    """Return half of the log's days; the second half has one more if they are odd."""
    first, end = words.extent.first, words.extent.last + DAY
    middle = first + (end - first).days // 2 * DAY
    start, end = (first, middle) if number == 1 else (middle, end)
    return TimeSpan(first=place, last=last, start=start, end=end)


def _skip_restated(words: TimeWords, place: int) -> int:
    """Skip a range that repeats what was said: "first half of October (1st to 15th)"."""
    first = words.read_number(place)
    middle = words.find(first[1], "and", "until") if first else None
    second = words.read_number(middle) if middle else None
    return second[1] if second else place


def _find_logged_month(words: TimeWords, place: int, end: int) -> TimeSpan | None:
    """Return the log's last month for "the second half of the month", and for "the first half" if it has only one."""
    at = words.skip(end, "of", "the", "this", "des", "du", "de", "del", "el", "le")
    last = words.find(at, "month") if at > end else None
    start = words.extent.last.replace(day=1)
    is_alone = at == end and words.extent.first >= start and not _find_any_month(words, place, end)
    if last is None and not is_alone:
        return None
    return TimeSpan(first=place, last=last or end, start=start, end=get_next_month(start))


def _find_any_month(words: TimeWords, place: int, end: int) -> TimeSpan | None:
    """Return the month of "first half of October against second half" for the words that name none themselves."""
    months = (find_month(words, at) for at in range(len(words.tokens)) if not place <= at < end)
    month = next((each for each in months if each is not None), None)
    return None if month is None else replace(month, first=place, last=end)
