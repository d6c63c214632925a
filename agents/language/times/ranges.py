"""Periods with two ends, or one: "between 5 and 11 October", "since November", "before and after week 6"."""

from datetime import date

from agents.language.times.calendar import BEFORE_AFTER, DAY, WHOLE, TimeSpan
from agents.language.times.long_units import find_period_of_year, find_quarter
from agents.language.times.time_words import TimeWords, find_day
from agents.language.times.units import find_month, find_nth, find_relative, find_week_of

OPEN = ("since", "after", "until", "before")
ENDS = frozenset({"end", "ende", "fin", "finales"})
BEGINNINGS = frozenset({"beginning", "start", "anfang", "beginn", "debut", "principios", "inicio"})
BEFORE_POINTS = frozenset({"on", "of", "in", "at", "am", "im", "vom", "le", "du", "en", "del", "el"})
"""Words before the day of something that happened: "since the launch on 3 May"."""

SINCE_FROM = frozenset({"from", "von", "de", "ab", "through", "nach"})
"""Words with other meanings, after which nothing that happened is looked for."""

ARTICLES = ("the", "dem", "den", "zum", "le", "la", "el")
MAX_EVENT_WORDS = 7


def find_point(words: TimeWords, place: int) -> tuple[date, date, int] | None:
    """Return the period that a day, week or month at `place` covers, and where the words end."""
    day = find_day(words, place)
    if day:
        return day[0], day[0] + DAY, day[1]
    for find in (find_week_of, find_period_of_year, find_quarter, find_nth, find_relative, find_month):
        span = find(words, place)
        if span and span.start and span.end:
            return span.start, span.end, span.last
    return None


def find_between(words: TimeWords, place: int) -> TimeSpan | None:
    at = words.find(place, "between") or words.find(place, "since") or place
    first = find_point(words, at) or _find_bare_first(words, at)
    if first is None:
        return _find_numbered_range(words, place, at)
    joint = first[2]
    middle = words.find(joint, "and", "until") or (joint if words.has_dash(joint) else None)
    # "October and November" is no range, unless "between" or "from" says so.
    if middle is None or (
        at == place and words.tokens[joint].text in ("and", "und", "et", "y") and not _find_bare_first(words, at)
    ):
        return None
    second = find_point(words, middle) or find_point(words, words.skip(middle, *ARTICLES))
    if second is None or second[0] < first[0]:
        return None
    ends = (first[:2], second[:2])
    return TimeSpan(first=place, last=second[2], start=first[0], end=second[1], ends=ends)


def _find_bare_first(words: TimeWords, place: int) -> tuple[date, date, int] | None:
    """The first of "the first and the last week"."""
    at = words.find(words.skip(place, "the", "der", "la", "le"), "first")
    middle = words.find(at, "and", "until") if at else None
    second = find_relative(words, middle) if middle else None
    if at is None or second is None or not second.start or not second.end:
        return None
    days = (second.end - second.start).days
    start = words.extent.first
    return (start, start + days * DAY, at) if days <= 7 else None


def _find_numbered_range(words: TimeWords, place: int, at: int) -> TimeSpan | None:
    """1st to 15th (of October)."""
    first = words.read_number(at)
    if first is None:
        return None
    middle = words.find(first[1], "and", "until") or (first[1] if words.has_dash(first[1]) else None)
    second = find_day(words, words.skip(middle, *ARTICLES)) if middle else None
    if second is None or not 1 <= first[0] < second[0].day:
        return None
    return TimeSpan(first=place, last=second[1], start=second[0].replace(day=first[0]), end=second[0] + DAY)


def find_open(words: TimeWords, place: int) -> TimeSpan | None:
    """Since or until a day, week or month, its beginning or its end, or something that happened then."""
    for name in OPEN:
        at = words.find(place, name)
        point = _find_edge(words, place, at) if at else None
        if point is None:
            continue
        match name:
            case "since":
                return TimeSpan(first=place, last=point[2], start=point[0])
            case "after":
                return TimeSpan(first=place, last=point[2], start=point[1])
            case "until":
                return TimeSpan(first=place, last=point[2], end=point[1])
            case _:
                return TimeSpan(first=place, last=point[2], end=point[0])
    return None


def _find_edge(words: TimeWords, place: int, at: int) -> tuple[date, date, int] | None:
    """Return the period after "since", an edge of it as the period between two moments that are the same."""
    start = words.skip(at, "the", "dem", "zum", "le", "la", "el")
    said = words.tokens[start].text if start < len(words.tokens) else ""
    if said in ENDS or said in BEGINNINGS:
        point = find_point(words, words.skip(start + 1, "of", "the", "de", "del", "des", "du"))
        if point is None:
            return None
        edge = point[1] if said in ENDS else point[0]
        return edge, edge, point[2]
    return find_point(words, start) or _find_weekday(words, place, start) or _find_event(words, place, start)


def _find_weekday(words: TimeWords, place: int, at: int) -> tuple[date, date, int] | None:
    """Return the day of "since Tuesday": the last one before the log's last day. "From Monday to Friday" is another."""
    found = words.match(at, "weekdays")
    if found is None or words.tokens[place].text in SINCE_FROM:
        return None
    back = (words.extent.last.isoweekday() - int(found[0])) % 7 or 7
    day = words.extent.last - back * DAY
    return day, day + DAY, found[1]


def _find_event(words: TimeWords, place: int, at: int) -> tuple[date, date, int] | None:
    """Return the day of "since the launch on 3 May"."""
    if words.tokens[place].text in SINCE_FROM:
        return None
    for middle in range(at, min(at + MAX_EVENT_WORDS, len(words.tokens))):
        token = words.tokens[middle]
        if any(each.kind in ("measures", "dimensions") for each in words.lexicon.get(token.text)):
            return None
        if token.text in BEFORE_POINTS and middle > at:
            return find_point(words, middle + 1)
    return None


def find_whole(words: TimeWords, place: int) -> TimeSpan | None:
    last = words.find(place, "whole")
    return TimeSpan(first=place, last=last, label=WHOLE) if last else None


def find_before_after(words: TimeWords, place: int) -> TimeSpan | None:
    found = words.match(place, "operators", "before_after")
    point = find_point(words, words.skip(found[1], "the")) if found else None
    return TimeSpan(first=place, last=point[2], start=point[0], label=BEFORE_AFTER) if point else None
