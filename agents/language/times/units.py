"""Single days, weeks, months and numbers of them: "week 6", "last Monday", "the last 14 days"."""

from dataclasses import replace
from datetime import date, timedelta

from agents.language.times.calendar import DAY, YESTERDAY, TimeSpan, get_next_month, make_date, make_iso_week
from agents.language.times.time_words import TimeWords, find_day

MAX_NUMBER = 10_000
FORTNIGHT_DAYS = 14
AMBIGUOUS_MONTHS = frozenset({"may", "mar", "jun"})
"""Words that are also something else unless they are capitalised, or a word of time stands beside them."""

BEFORE_MONTHS = frozenset(
    (
        *("in", "of", "for", "since", "until", "till", "from", "to", "during", "through", "before", "after", "between"),
        *("and", "vs", "versus", "than", "with", "against", "by", "last", "this", "early", "late", "mid", "end", "de"),
        *("en", "y", "et", "und", "im", "seit", "bis", "von", "ab", "als"),
    )
)
"""Words before a month that is not capitalised: "in may"."""


WEEK_FROM = ("of", "from", "starting", "beginning", "on", "the", "vom", "ab", "dem", "du", "le", "del", "desde", "el")
"""Words between "week" and its day."""


def find_week_of(words: TimeWords, place: int) -> TimeSpan | None:
    """The week of 19 October."""
    at = words.find(place, "week")
    day = find_day(words, words.skip(at, *WEEK_FROM)) if at else None
    if day is None or day[1] == at:
        return None
    monday = day[0] - timedelta(days=day[0].weekday())
    return TimeSpan(first=place, last=day[1], start=monday, end=monday + 7 * DAY)


def find_nth(words: TimeWords, place: int) -> TimeSpan | None:
    """Week 6, the second week, the first day of the log."""
    at = words.skip(place, "the")
    if last := words.find(at, "week"):
        number = words.read_number(words.skip(last, "number", "no", "nr"))
        return None if number is None else _to_week(words, place, number[1], number[0])
    ordinal = words.match(at, "ordinals")
    number_at = (int(ordinal[0]), ordinal[1]) if ordinal else None
    if number_at is None and (end := words.find(at, "first")):
        number_at = (1, end)
    if number_at is None:
        return None
    if last := words.find(number_at[1], "week"):
        month = find_month(words, words.skip(last, "of", "in", "de", "im", "en", "del", "des"))
        if month is not None and month.start and month.end:
            return _to_week_of_month(place, month, month.start + (number_at[0] - 1) * 7 * DAY)
        return _to_nth_week(words, place, words.find(last, "of_log") or last, number_at[0])
    if last := words.find(number_at[1], "day"):
        day = words.extent.first + (number_at[0] - 1) * DAY
        return TimeSpan(first=place, last=words.find(last, "of_log") or last, start=day, end=day + DAY)
    return None


def _to_week_of_month(place: int, month: TimeSpan, start: date) -> TimeSpan | None:
    """Return seven days of a month from `start` on, its 1st to 7th being the first week."""
    if month.end is None or start >= month.end:
        return None
    return TimeSpan(first=place, last=month.last, start=start, end=min(start + 7 * DAY, month.end))


def _to_nth_week(words: TimeWords, place: int, last: int, number: int) -> TimeSpan:
    """Return seven days, whatever weekday the log starts on: "the first week". "Week 1" begins on a Monday."""
    start = words.extent.first + (number - 1) * 7 * DAY
    if start > words.extent.last:
        return _to_week(words, place, last, number)
    return TimeSpan(first=place, last=last, start=start, end=start + 7 * DAY)


def _to_week(words: TimeWords, place: int, last: int, number: int) -> TimeSpan:
    """Return the n-th week of the log, else the calendar week of that number."""
    weeks = (words.extent.last - words.extent.first_monday).days // 7 + 1
    if number <= weeks:
        start = words.extent.first_monday + (number - 1) * 7 * DAY
    else:
        years = range(words.extent.first.year, words.extent.last.year + 1)
        starts = [found for year in years if (found := make_iso_week(year, number))]
        start = min(starts, key=words.extent.get_distance, default=words.extent.first_monday + (number - 1) * 7 * DAY)
    return TimeSpan(first=place, last=last, start=start, end=start + 7 * DAY, label=f"week {number}")


def find_relative(words: TimeWords, place: int) -> TimeSpan | None:
    """Yesterday, last week, next month, last Monday, the last day."""
    last_day = words.extent.last
    if last := words.find(place, "yesterday", "today"):
        return TimeSpan(first=place, last=last, start=last_day, end=last_day + DAY, label=YESTERDAY)
    if (last := words.find(place, "tomorrow")) and not _is_morning(words, place):
        return TimeSpan(first=place, last=last, start=last_day + DAY, end=last_day + 2 * DAY, label="tomorrow")
    at = words.skip(place, "the", "le", "la", "el", "den", "die", "der")
    for name, step in (("last", 0), ("this", 0), ("next", 1)):
        if end := words.find(at, name):
            return _to_relative(words, place, end, name, step)
        unit = words.find(at, "week", "month")
        if unit and name != "this" and (end := words.find(unit, name)):  # "la semaine dernière"
            span = _to_relative(words, place, at, name, step)
            return None if span is None else replace(span, last=max(end, span.last))
    return None


def _is_morning(words: TimeWords, place: int) -> bool:
    """Whether "am Morgen" or "por la mañana" is said, not tomorrow."""
    return place > 0 and words.tokens[place - 1].text in ("am", "la", "der", "den", "jeden", "cada")


def _to_relative(words: TimeWords, place: int, at: int, name: str, step: int) -> TimeSpan | None:
    last_day = words.extent.last
    if last := words.find(at, "week"):
        return _to_relative_week(words, place, last, name, step)
    if last := words.find(at, "month"):
        month = last_day.replace(day=1) if name != "next" else get_next_month(last_day)
        if name == "last" and (last_day + DAY).day != 1:
            month = (month - DAY).replace(day=1)  # the log ends within a month: the one before is the last whole one
        return TimeSpan(first=place, last=last, start=month, end=get_next_month(month), label=name)
    if last := words.find(at, "day"):
        day = last_day + step * DAY
        return TimeSpan(first=place, last=words.find(last, "of_log") or last, start=day, end=day + DAY)
    weekday = words.match(at, "weekdays")
    if weekday and name == "last":
        back = (last_day.isoweekday() - int(weekday[0])) % 7
        day = last_day - back * DAY
        return TimeSpan(first=place, last=weekday[1], start=day, end=day + DAY)
    return None


def _to_relative_week(words: TimeWords, place: int, last: int, name: str, step: int) -> TimeSpan | None:
    last_day = words.extent.last
    monday = last_day - timedelta(days=last_day.weekday())
    named = find_month(words, words.skip(last, "of", "in", "de", "im", "en", "del", "des"))
    if name == "last" and named is not None and named.end is not None and named.first > last:
        return _to_week_of_month(place, named, named.end - 7 * DAY)
    of_log = words.find(last, "of_log")
    if of_log and name == "last":  # seven days, as "the first week" is
        end = last_day + DAY
        return TimeSpan(first=place, last=of_log, start=end - 7 * DAY, end=end, label=name)
    is_short = name == "last" and last_day != monday + 6 * DAY and monday > words.extent.first
    start = monday + 7 * (step - is_short) * DAY  # the log ends within a week: the one before is the last whole one
    return TimeSpan(first=place, last=of_log or last, start=start, end=start + 7 * DAY, label=name)


def find_month(words: TimeWords, place: int) -> TimeSpan | None:
    month = words.match(place, "months")
    if month is None or not _is_month(words, place, month[1]):
        return None
    at = words.skip(month[1], "de", "of")
    has_year = at < len(words.tokens) and words.tokens[at].text.isdecimal() and len(words.tokens[at].text) == 4
    start = make_date(int(words.tokens[at].text), int(month[0]), 1) if has_year else _with_month(words, int(month[0]))
    if start is None:
        return None
    return TimeSpan(first=place, last=at + 1 if has_year else month[1], start=start, end=get_next_month(start))


def _is_month(words: TimeWords, place: int, end: int) -> bool:
    """Whether a word such as "may" is meant as a month."""
    token = words.tokens[place]
    if token.text not in AMBIGUOUS_MONTHS or token.is_capitalized:
        return True
    before = words.tokens[place - 1].text if place else ""
    after = words.tokens[end].text if end < len(words.tokens) else ""
    return before in BEFORE_MONTHS or after[:1].isdecimal() or after in ("vs", "versus")


def _with_month(words: TimeWords, month: int) -> date | None:
    years = range(words.extent.first.year - 1, words.extent.last.year + 2)
    starts = [date(year, month, 1) for year in years]

    def get_distance(start: date) -> timedelta:
        return min(words.extent.get_distance(start), words.extent.get_distance(get_next_month(start) - DAY))

    return min(starts, key=get_distance)


def find_last_n(words: TimeWords, place: int) -> TimeSpan | None:
    """The last 14 days."""
    before = words.read_number(place)  # "les 7 derniers jours"
    start = before[1] if before else place
    at = words.find(start, "last")
    is_first = at is None and words.find(start, "first") is not None
    at = at or words.find(start, "first")
    fortnight = words.find(at, "fortnight") if at and not is_first else None
    if fortnight:
        end = words.extent.last + DAY
        return TimeSpan(first=place, last=fortnight, start=end - FORTNIGHT_DAYS * DAY, end=end)
    number = words.read_number(at) if at else None
    if at and before and number is None:
        number = (before[0], at)
    if number is None:
        return None
    for name, days in (("days", 1), ("weeks", 7), ("months", 30)):
        if last := words.find(number[1], name):
            end = words.extent.last + DAY
            length = min(number[0], MAX_NUMBER) * days
            if is_first:
                begin = words.extent.first
                return TimeSpan(
                    first=place, last=words.find(last, "of_log") or last, start=begin, end=begin + length * DAY
                )
            last = words.find(last, "of_log") or last
            return TimeSpan(first=place, last=last, start=end - length * DAY, end=end, count=number[0])
    return None


def find_date(words: TimeWords, place: int) -> TimeSpan | None:
    day = find_day(words, place)
    return TimeSpan(first=place, last=day[1], start=day[0], end=day[0] + DAY) if day else None
