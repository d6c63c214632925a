"""Times that come again: "on Mondays", "at weekends", "at night", "between 9 and 17 o'clock"."""

from dataclasses import dataclass
from datetime import timedelta

from agents.language.times.calendar import DAY, SATURDAY, SUNDAY, TimeSpan, list_hours, list_weekdays
from agents.language.times.ranges import find_point
from agents.language.times.time_words import TimeWords, find_day
from agents.language.times.units import find_month

PARTS_OF_DAY = {"morning": (6, 12), "afternoon": (12, 18), "evening": (18, 22)}
"""Their hours, from the first to before the second."""

HOUR_UNITS = ("h", "uhr", "am", "pm", "heures", "horas")
LAST_HOUR = 24
NOON = 12

ASKED = frozenset({"which", "what"})
NEAR = 20
"""Tokens before and after a weekday among which the weekend stands that it is compared with."""


MAX_DAY_TOKENS = 5
"""Tokens of "Monday 12 October 2026"."""


def find_hours(words: TimeWords, place: int) -> TimeSpan | None:
    if last := words.find(place, "night"):
        more = find_hours(words, words.skip(last, "between", "von", "entre", "from"))
        hours = more.filter if more and more.filter else list_hours(22, 6)
        return TimeSpan(first=place, last=more.last if more and more.filter else last, filter=hours)
    for name, (first, end) in PARTS_OF_DAY.items():
        if last := words.find(place, name):
            return TimeSpan(first=place, last=last, filter=list_hours(first, end))
    if (open_hours := _find_open_hours(words, place)) is not None:
        return open_hours
    since = words.find(place, "since")
    # Only where it matters: every word of a question is looked at here, and most are no hours.
    follows_day = bool(since) and _follows_day(words, place)
    at = words.find(place, "office") or words.find(place, "between") or place
    at = words.skip((since if follows_day else None) or at, "las")
    first_hour = _read_hour(words, at)
    if first_hour is None:
        return TimeSpan(first=place, last=at, filter=list_hours(9, 17)) if words.find(place, "office") else None
    middle = words.find(first_hour.end, "and", "until")
    if middle is None and words.has_dash(first_hour.end):
        middle = first_hour.end
    second = _read_hour(words, words.skip(middle, "las")) if middle else None
    is_hours = first_hour.has_unit or (second is not None and second.has_unit) or follows_day
    if second is None or not (
        is_hours or _is_about_hours(words, place, second.end) or (not since and _follows_day(words, place))
    ):
        return None
    last = words.skip(second.end, "utc", "o", "clock")
    return TimeSpan(first=place, last=last, filter=list_hours(first_hour.hour, second.hour))


def _find_open_hours(words: TimeWords, place: int) -> TimeSpan | None:
    """Before 10 am, after 18:00: the hours of every day up to then, or from then on."""
    for name in ("before", "until", "after", "since"):
        at = words.find(place, name)
        hour = _read_hour(words, words.skip(at, "las", "the")) if at else None
        is_range = hour is not None and bool(words.find(hour.end, "and", "until") or words.has_dash(hour.end))
        if hour is not None and hour.has_unit and 0 < hour.hour < LAST_HOUR and not is_range:
            hours = list_hours(0, hour.hour) if name in ("before", "until") else list_hours(hour.hour, LAST_HOUR)
            return TimeSpan(first=place, last=words.skip(hour.end, "utc", "o", "clock"), filter=hours)
    return None


@dataclass(frozen=True, slots=True)
class _Hour:
    """An hour, where its words end, and whether they say that it is one: "17h", "5 pm", "17:00"."""

    hour: int
    end: int
    has_unit: bool


def _read_hour(words: TimeWords, place: int) -> _Hour | None:
    """Return the hour at `place`: 9, 17h, 5pm, 5 p.m., 17:00."""
    if place >= len(words.tokens):
        return None
    text = words.tokens[place].text
    digits = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = text[len(digits) :]
    if not digits.isdecimal():
        number = words.read_number(place)
        digits, unit = (str(number[0]), "") if number and number[1] == place + 1 else ("", "")
    if not digits or len(digits) > 2 or int(digits) > 24 or unit not in ("", *HOUR_UNITS):
        return None
    end = place + 1
    after = [token.text for token in words.tokens[end : end + 2]]
    if not unit and after[:1] == ["00"] and words.tokens[end].gap == ":":
        unit, end, after = "h", end + 1, after[1:]
    if unit in ("", "h") and after and after[0] in HOUR_UNITS:
        unit, end = after[0], end + 1
    hour = int(digits)
    if unit == "pm" and hour < NOON:
        hour += NOON
    return _Hour(hour, end, bool(unit))


def _follows_day(words: TimeWords, place: int) -> bool:
    """Whether a single day stands before `place`: "on 12 October between 9 and 12" is about hours."""
    for start in range(max(place - MAX_DAY_TOKENS, 0), place):
        point = find_point(words, start)
        if point is not None and point[2] == place and point[1] - point[0] == DAY:
            return True
    return False


def _is_about_hours(words: TimeWords, place: int, end: int) -> bool:
    near = {token.text for token in words.tokens[end : end + 2]} | {
        token.text for token in words.tokens[max(place - 2, 0) : place]
    }
    return (
        bool(near & {"utc", "h", "uhr", "hours", "clock", "am", "pm", "00"})
        or words.find(place, "office") is not None
        or (place > 0 and words.find(place - 1, "office") is not None)
        or "night" in {token.text for token in words.tokens[max(place - 3, 0) : place]}
    )


def find_weekend(words: TimeWords, place: int) -> TimeSpan | None:
    if (nth := _find_nth_weekend(words, place)) is not None:
        return nth
    if last := words.find(place, "weekend"):
        day = find_day(words, words.skip(last, "of", "vom", "du", "del", "the"))
        if day is not None and day[1] > last:
            saturday = day[0] - timedelta(days=(day[0].weekday() - 5) % 7)
            return TimeSpan(first=place, last=day[1], start=saturday, end=saturday + 2 * DAY)
        return TimeSpan(first=place, last=last, filter=list_weekdays(SATURDAY, SUNDAY), label="weekends")
    return None


def find_workday(words: TimeWords, place: int) -> TimeSpan | None:
    if place and words.tokens[place - 1].text in ASKED:
        return None  # "which weekdays cost most?"
    last = words.find(place, "workday") or _find_contrasted_weekday(words, place)
    return TimeSpan(first=place, last=last, filter=list_weekdays(1, 2, 3, 4, 5), label="weekdays") if last else None


def _find_contrasted_weekday(words: TimeWords, place: int) -> int | None:
    """Return the end of the "weekday" of "weekend versus weekday", and of "on a weekday"."""
    if words.match(place, "grains", "weekday") is None:
        return None
    if place and words.tokens[place - 1].text == "a":
        return place + 1
    near = range(max(place - NEAR, 0), min(place + NEAR, len(words.tokens)))
    return place + 1 if any(words.find(at, "weekend") for at in near) else None


def _find_nth_weekend(words: TimeWords, place: int) -> TimeSpan | None:
    """The second weekend of October."""
    at = words.skip(place, "the")
    number = words.read_number(at) or ((1, at + 1) if words.find(at, "first") else None)
    end = words.find(number[1], "weekend") if number else None
    month = find_month(words, words.skip(end, "of", "in", "de", "im")) if end else None
    if number is None or month is None or month.start is None:
        return None
    saturday = month.start + timedelta(days=(5 - month.start.weekday()) % 7 + 7 * (number[0] - 1))
    return TimeSpan(first=place, last=month.last, start=saturday, end=saturday + 2 * DAY)


def find_weekday(words: TimeWords, place: int) -> TimeSpan | None:
    """Saturdays, on Monday; a weekday before a date belongs to the date."""
    found = words.match(place, "weekdays")
    if found is None:
        return None
    day = find_day(words, found[1])
    if day:
        return TimeSpan(first=place, last=day[1], start=day[0], end=day[0] + DAY)
    return TimeSpan(first=place, last=found[1], filter=list_weekdays(int(found[0])))
