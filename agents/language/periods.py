"""Periods and times of the calendar in a question: "week 6", "since 1 November", "at weekends", "the last 14 days".

Years are inferred from the log: a date without a year is the one within the log, or closest to it. Weeks are Monday to
Sunday; "week 6" is the sixth of the log, unless the log has a calendar week of that number and fewer weeks."""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from agents.language.lexicon import Lexicon
from agents.language.tokens import Token
from workloads.query.query import Filter, Operator, Period

DAY = timedelta(days=1)
SATURDAY, SUNDAY = 6, 7
BEFORE_AFTER, DAY_BEFORE = "before and after", "day before"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpan:
    """Tokens that say when: a period from `start` to before `end`, or a filter on the weekday or the hour.

    One end is missing after "since" or "until". `ends` are the two periods of "from week 1 to week 8".
    """

    first: int
    last: int
    start: date | None = None
    end: date | None = None
    filter: Filter | None = None
    label: str = ""
    ends: tuple[tuple[date, date], tuple[date, date]] | None = None

    def narrow(self, start: date, end: date) -> "TimeSpan":
        """Return the same words with another period."""
        return replace(self, start=start, end=end, ends=None)

    @property
    def period(self) -> Period:
        return Period(
            start=None if self.start is None else datetime.combine(self.start, time()),
            end=None if self.end is None else datetime.combine(self.end, time()),
        )


@dataclass(frozen=True, slots=True)
class Extent:
    """The first and the last day of a log."""

    first: date
    last: date

    @property
    def first_monday(self) -> date:
        return self.first - timedelta(days=self.first.weekday())


class PeriodFinder:
    """Finds the times in one question."""

    def __init__(self, tokens: Sequence[Token], lexicon: Lexicon, extent: Extent, taken: Sequence[bool]) -> None:
        self._tokens = tokens
        self._lexicon = lexicon
        self._extent = extent
        self._taken = taken

    def find(self) -> Iterator[TimeSpan]:
        """Yield the times from left to right, each as long as possible."""
        place = 0
        while place < len(self._tokens):
            span = None if self._taken[place] else self._find_at(place)
            if span:
                yield span
                place = span.last
            else:
                place += 1

    def _find_at(self, place: int) -> TimeSpan | None:
        for find in (
            self._find_before_after,
            self._find_between,
            self._find_hours,
            self._find_open,
            self._find_day_before,
            self._find_week_of,
            self._find_half,
            self._find_weekend,
            self._find_workday,
            self._find_last_n,
            self._find_nth,
            self._find_relative,
            self._find_weekday,
            self._find_date,
            self._find_month,
        ):
            if (span := find(place)) is not None:
                return span
        return None

    # ---- words ----

    def _match(self, place: int, kind: str, name: str | None = None) -> tuple[str, int] | None:
        """Return the name of a concept of `kind` that starts at `place`, and where it ends."""
        for length in range(4, 0, -1):
            if place + length > len(self._tokens):
                continue
            words = tuple(token.text for token in self._tokens[place : place + length])
            for concept in self._lexicon.phrases.get(words, ()):
                if concept.kind == kind and name in (None, concept.name):
                    return concept.name, place + length
        return None

    def _is(self, place: int, *names: str) -> int | None:
        """Return where a word of time with one of these names ends."""
        for name in names:
            found = self._match(place, "times", name)
            if found:
                return found[1]
        return None

    def _skip(self, place: int, *words: str) -> int:
        while place < len(self._tokens) and self._tokens[place].text in words:
            place += 1
        return place

    def _number(self, place: int) -> tuple[int, int] | None:
        """Return a whole number or ordinal at `place`, and where it ends."""
        if place >= len(self._tokens):
            return None
        word = self._tokens[place].text
        digits = word.removesuffix("st").removesuffix("nd").removesuffix("rd").removesuffix("th").removesuffix("er")
        if digits.isdecimal() and len(digits) <= 4:
            return int(digits), place + 1
        for kind in ("numbers", "ordinals"):
            found = self._match(place, kind)
            if found:
                return int(found[0]), found[1]
        return None

    # ---- days ----

    def _find_day(self, place: int) -> tuple[date, int] | None:
        """Return a date: 2026-10-20, 20 October, October 20th, 20.10.2026, 20/10."""
        return self._find_iso(place) or self._find_named_day(place) or self._find_numeric_day(place)

    def _find_iso(self, place: int) -> tuple[date, int] | None:
        parts = [token.text for token in self._tokens[place : place + 3]]
        if len(parts) == 3 and all(part.isdecimal() for part in parts) and len(parts[0]) == 4:
            day = _make_date(int(parts[0]), int(parts[1]), int(parts[2]))
            return (day, place + 3) if day else None
        return None

    def _find_numeric_day(self, place: int) -> tuple[date, int] | None:
        tokens = self._tokens[place : place + 3]
        if len(tokens) < 2 or not all(token.text.isdecimal() and len(token.text) <= 2 for token in tokens[:2]):
            return None
        if tokens[1].gap not in (".", "/"):
            return None
        day, month = int(tokens[0].text), int(tokens[1].text)
        has_year = len(tokens) == 3 and tokens[2].text.isdecimal() and tokens[2].gap in (".", "/")
        found = _make_date(int(tokens[2].text), month, day) if has_year else self._with_year(month, day)
        return (found, place + (3 if has_year else 2)) if found else None

    def _find_named_day(self, place: int) -> tuple[date, int] | None:
        at = self._skip(self._skip_weekday(place), "the", "le", "el", "den", "am", "der", "on")
        number = self._number(at)
        if number and 1 <= number[0] <= 31:
            month = self._match(self._skip(number[1], "of", "de", "er"), "months")
            if month:
                return self._finish_day(int(month[0]), number[0], month[1])
        month = self._match(at, "months")
        if month:
            number = self._number(self._skip(month[1], "the"))
            if number and 1 <= number[0] <= 31:
                return self._finish_day(int(month[0]), number[0], number[1])
        return None

    def _finish_day(self, month: int, day: int, place: int) -> tuple[date, int] | None:
        at = self._skip(place, "de", "of")
        if at < len(self._tokens) and self._tokens[at].text.isdecimal() and len(self._tokens[at].text) == 4:
            found = _make_date(int(self._tokens[at].text), month, day)
            return (found, at + 1) if found else None
        found = self._with_year(month, day)
        return (found, place) if found else None

    def _skip_weekday(self, place: int) -> int:
        found = self._match(place, "weekdays")
        return found[1] if found else place

    def _with_year(self, month: int, day: int) -> date | None:
        """Return the date in the year in which it is in the log, or closest to it."""
        years = range(self._extent.first.year - 1, self._extent.last.year + 2)
        days = [found for year in years if (found := _make_date(year, month, day))]
        return min(days, key=self._distance, default=None)

    def _distance(self, day: date) -> timedelta:
        return max(self._extent.first - day, day - self._extent.last, timedelta(0))

    # ---- periods ----

    def _find_point(self, place: int) -> tuple[date, date, int] | None:
        """Return the period that a day, week or month at `place` covers, and where the words end."""
        day = self._find_day(place)
        if day:
            return day[0], day[0] + DAY, day[1]
        for find in (self._find_week_of, self._find_nth, self._find_relative, self._find_month):
            span = find(place)
            if span and span.start and span.end:
                return span.start, span.end, span.last
        return None

    def _find_between(self, place: int) -> TimeSpan | None:
        at = self._is(place, "between") or self._is(place, "since") or place
        first = self._find_point(at) or self._find_bare_first(at)
        if first is None:
            return self._find_numbered_range(place, at)
        joint = first[2]
        is_dash = (joint < len(self._tokens) and "-" in self._gap(joint)) or "–" in self._gap(joint)
        middle = self._is(joint, "and", "until") or (joint if is_dash else None)
        # "October and November" is no range, unless "between" or "from" says so.
        if middle is None or (
            at == place and self._tokens[joint].text in ("and", "und", "et", "y") and not self._find_bare_first(at)
        ):
            return None
        second = self._find_point(middle)
        if second is None or second[0] < first[0]:
            return None
        ends = (first[:2], second[:2])
        return TimeSpan(first=place, last=second[2], start=first[0], end=second[1], ends=ends)

    def _find_bare_first(self, place: int) -> tuple[date, date, int] | None:
        """The first of "the first and the last week"."""
        at = self._is(self._skip(place, "the", "der", "la", "le"), "first")
        middle = self._is(at, "and", "until") if at else None
        second = self._find_relative(middle) if middle else None
        if at is None or second is None or not second.start or not second.end:
            return None
        days = (second.end - second.start).days
        start = self._extent.first_monday if days == 7 else self._extent.first
        return (start, start + days * DAY, at) if days <= 7 else None

    def _find_numbered_range(self, place: int, at: int) -> TimeSpan | None:
        """1st to 15th (of October)."""
        first = self._number(at)
        if first is None:
            return None
        middle = self._is(first[1], "and", "until") or (first[1] if "-" in self._gap(first[1]) else None)
        second = self._find_day(middle) if middle else None
        if second is None or not 1 <= first[0] < second[0].day:
            return None
        return TimeSpan(first=place, last=second[1], start=second[0].replace(day=first[0]), end=second[0] + DAY)

    def _gap(self, place: int) -> str:
        """Return a dash if one is written right before the token at `place`."""
        return "-" if 0 < place < len(self._tokens) and self._tokens[place].gap.strip() in ("-", "–") else ""

    def _find_hours(self, place: int) -> TimeSpan | None:
        if last := self._is(place, "night"):
            more = self._find_hours(self._skip(last, "between", "von", "entre", "from"))
            hours = more.filter if more and more.filter else _list_hours(22, 6)
            return TimeSpan(first=place, last=more.last if more and more.filter else last, filter=hours)
        at = self._is(place, "office") or self._is(place, "between") or place
        first = self._number(at)
        if first is None or first[0] > 24:
            return TimeSpan(first=place, last=at, filter=_list_hours(9, 17)) if self._is(place, "office") else None
        middle = self._is(self._skip(first[1], "h", "00", "uhr", "am"), "and", "until")
        second = self._number(middle) if middle else None
        if second is None or second[0] > 24 or not self._is_about_hours(place, second[1]):
            return None
        last = self._skip(second[1], "utc", "h", "00", "o", "clock", "uhr", "am", "pm")
        return TimeSpan(first=place, last=last, filter=_list_hours(first[0], second[0]))

    def _is_about_hours(self, place: int, end: int) -> bool:
        near = {token.text for token in self._tokens[end : end + 2]} | {
            token.text for token in self._tokens[max(place - 2, 0) : place]
        }
        return (
            bool(near & {"utc", "h", "uhr", "hours", "clock", "am", "pm"})
            or self._is(place, "office") is not None
            or (place > 0 and self._is(place - 1, "office") is not None)
            or "night" in {token.text for token in self._tokens[max(place - 3, 0) : place]}
        )

    def _find_open(self, place: int) -> TimeSpan | None:
        """Since or until a day, week or month."""
        for name in ("since", "after", "until", "before"):
            at = self._is(place, name)
            point = self._find_point(self._skip(at, "the", "dem", "le", "el")) if at else None
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

    def _find_day_before(self, place: int) -> TimeSpan | None:
        last = self._is(place, "day_before")
        return TimeSpan(first=place, last=last, label=DAY_BEFORE) if last else None

    def _find_week_of(self, place: int) -> TimeSpan | None:
        """The week of 19 October."""
        at = self._is(place, "week")
        day = self._find_day(self._skip(at, "of", "from", "vom", "du", "del", "the", "starting")) if at else None
        if day is None or day[1] == at:
            return None
        monday = day[0] - timedelta(days=day[0].weekday())
        return TimeSpan(first=place, last=day[1], start=monday, end=monday + 7 * DAY)

    def _find_half(self, place: int) -> TimeSpan | None:
        """The first half of October."""
        number = self._number(place) or ((1, place + 1) if self._is(place, "first") else None)
        if number is None and self._is(place, "last"):
            number = (2, place + 1)
        at = self._is(number[1], "half") if number and number[0] in (1, 2) else None
        month = self._find_month(self._skip(at, "of", "de", "des", "von", "im")) if at else None
        if month is None or number is None or month.start is None or month.end is None:
            return None
        middle = month.start.replace(day=16)
        start, end = (month.start, middle) if number[0] == 1 else (middle, month.end)
        last = self._skip_restated(month.last)
        return TimeSpan(first=place, last=last, start=start, end=end)

    def _skip_restated(self, place: int) -> int:
        """Skip a range that repeats what was said: "first half of October (1st to 15th)"."""
        first = self._number(place)
        middle = self._is(first[1], "and", "until") if first else None
        second = self._number(middle) if middle else None
        return second[1] if second else place

    def _find_weekend(self, place: int) -> TimeSpan | None:
        if last := self._is(place, "weekend"):
            day = self._find_day(self._skip(last, "of", "vom", "du", "del", "the"))
            if day is not None and day[1] > last:
                saturday = day[0] - timedelta(days=(day[0].weekday() - 5) % 7)
                return TimeSpan(first=place, last=day[1], start=saturday, end=saturday + 2 * DAY)
            return TimeSpan(first=place, last=last, filter=_list_weekdays(SATURDAY, SUNDAY), label="weekends")
        return None

    def _find_workday(self, place: int) -> TimeSpan | None:
        last = self._is(place, "workday")
        return (
            TimeSpan(first=place, last=last, filter=_list_weekdays(1, 2, 3, 4, 5), label="weekdays") if last else None
        )

    def _find_before_after(self, place: int) -> TimeSpan | None:
        found = self._match(place, "operators", "before_after")
        point = self._find_point(self._skip(found[1], "the")) if found else None
        return TimeSpan(first=place, last=point[2], start=point[0], label=BEFORE_AFTER) if point else None

    def _find_last_n(self, place: int) -> TimeSpan | None:
        """The last 14 days."""
        at = self._is(place, "last")
        is_first = at is None and self._is(place, "first") is not None
        at = at or self._is(place, "first")
        number = self._number(at) if at else None
        if number is None:
            return None
        for name, days in (("days", 1), ("weeks", 7), ("months", 30)):
            if last := self._is(number[1], name):
                end = self._extent.last + DAY
                length = min(number[0], 10_000) * days
                if is_first:
                    begin = self._extent.first_monday if days == 7 else self._extent.first
                    return TimeSpan(
                        first=place, last=self._is(last, "of_log") or last, start=begin, end=begin + length * DAY
                    )
                return TimeSpan(first=place, last=self._is(last, "of_log") or last, start=end - length * DAY, end=end)
        return None

    def _find_nth(self, place: int) -> TimeSpan | None:
        """Week 6, the second week, the first day of the log."""
        at = self._skip(place, "the")
        if last := self._is(at, "week"):
            number = self._number(self._skip(last, "number", "no", "nr"))
            return None if number is None else self._to_week(place, number[1], number[0])
        ordinal = self._match(at, "ordinals")
        number_at = (int(ordinal[0]), ordinal[1]) if ordinal else None
        if number_at is None and (end := self._is(at, "first")):
            number_at = (1, end)
        if number_at is None:
            return None
        if last := self._is(number_at[1], "week"):
            return self._to_week(place, self._is(last, "of_log") or last, number_at[0])
        if last := self._is(number_at[1], "day"):
            day = self._extent.first + (number_at[0] - 1) * DAY
            return TimeSpan(first=place, last=self._is(last, "of_log") or last, start=day, end=day + DAY)
        return None

    def _to_week(self, place: int, last: int, number: int) -> TimeSpan:
        """Return the n-th week of the log, else the calendar week of that number."""
        weeks = (self._extent.last - self._extent.first_monday).days // 7 + 1
        if number <= weeks:
            start = self._extent.first_monday + (number - 1) * 7 * DAY
        else:
            years = range(self._extent.first.year, self._extent.last.year + 1)
            starts = [found for year in years if (found := _make_iso_week(year, number))]
            start = min(starts, key=self._distance, default=self._extent.first_monday + (number - 1) * 7 * DAY)
        return TimeSpan(first=place, last=last, start=start, end=start + 7 * DAY, label=f"week {number}")

    def _find_relative(self, place: int) -> TimeSpan | None:
        """Yesterday, last week, next month, last Monday, the last day."""
        last_day = self._extent.last
        if last := self._is(place, "yesterday", "today"):
            return TimeSpan(first=place, last=last, start=last_day, end=last_day + DAY)
        at = self._skip(place, "the", "le", "la", "el", "den", "die", "der")
        for name, step in (("last", 0), ("this", 0), ("next", 1)):
            if end := self._is(at, name):
                return self._to_relative(place, end, name, step)
        return None

    def _to_relative(self, place: int, at: int, name: str, step: int) -> TimeSpan | None:
        last_day = self._extent.last
        monday = last_day - timedelta(days=last_day.weekday())
        if last := self._is(at, "week"):
            start = monday + 7 * step * DAY
            return TimeSpan(
                first=place, last=self._is(last, "of_log") or last, start=start, end=start + 7 * DAY, label=name
            )
        if last := self._is(at, "month"):
            month = last_day.replace(day=1) if name != "next" else _next_month(last_day)
            if name == "last" and (last_day + DAY).day != 1:
                month = (month - DAY).replace(
                    day=1
                )  # the log ends within a month: the one before is the last whole one
            return TimeSpan(first=place, last=last, start=month, end=_next_month(month), label=name)
        if last := self._is(at, "day"):
            day = last_day + step * DAY
            return TimeSpan(first=place, last=self._is(last, "of_log") or last, start=day, end=day + DAY)
        weekday = self._match(at, "weekdays")
        if weekday and name == "last":
            back = (last_day.isoweekday() - int(weekday[0])) % 7
            day = last_day - back * DAY
            return TimeSpan(first=place, last=weekday[1], start=day, end=day + DAY)
        return None

    def _find_weekday(self, place: int) -> TimeSpan | None:
        """Saturdays, on Monday; a weekday before a date belongs to the date."""
        found = self._match(place, "weekdays")
        if found is None:
            return None
        day = self._find_day(found[1])
        if day:
            return TimeSpan(first=place, last=day[1], start=day[0], end=day[0] + DAY)
        return TimeSpan(first=place, last=found[1], filter=_list_weekdays(int(found[0])))

    def _find_date(self, place: int) -> TimeSpan | None:
        day = self._find_day(place)
        return TimeSpan(first=place, last=day[1], start=day[0], end=day[0] + DAY) if day else None

    def _find_month(self, place: int) -> TimeSpan | None:
        month = self._match(place, "months")
        if month is None or (
            self._tokens[place].text in ("may", "mai", "mar", "jun") and not self._tokens[place].is_capitalized
        ):
            return None
        at = self._skip(month[1], "de", "of")
        has_year = at < len(self._tokens) and self._tokens[at].text.isdecimal() and len(self._tokens[at].text) == 4
        start = (
            _make_date(int(self._tokens[at].text), int(month[0]), 1) if has_year else self._with_month(int(month[0]))
        )
        if start is None:
            return None
        return TimeSpan(first=place, last=at + 1 if has_year else month[1], start=start, end=_next_month(start))

    def _with_month(self, month: int) -> date | None:
        years = range(self._extent.first.year - 1, self._extent.last.year + 2)
        starts = [date(year, month, 1) for year in years]
        return min(starts, key=lambda start: min(self._distance(start), self._distance(_next_month(start) - DAY)))


def merge_filters(one: Filter, other: Filter) -> Filter:
    return replace(one, values=tuple(dict.fromkeys((*one.values, *other.values))))


def _list_hours(first: int, end: int) -> Filter:
    hours = range(first, end) if first < end else [*range(first, 24), *range(end)]
    return Filter(field="hour_of_day", operator=Operator.IS, values=tuple(hour % 24 for hour in hours) or (first % 24,))


def _list_weekdays(*days: int) -> Filter:
    return Filter(field="weekday", operator=Operator.IS, values=days)


def _make_date(year: int, month: int, day: int) -> date | None:
    if not (1 <= month <= 12 and 1900 <= year <= 9000 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def _make_iso_week(year: int, week: int) -> date | None:
    if not 1 <= week <= 53:
        return None
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError:
        return None


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
