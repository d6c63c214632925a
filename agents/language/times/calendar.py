"""Days, weeks and months: the extent of a log, periods, and what a phrase of time stands for."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from workloads.query.query import MAX_VALUES, Filter, Operator, Period

DAY = timedelta(days=1)
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)
SATURDAY, SUNDAY = 6, 7
BEFORE_AFTER, DAY_BEFORE, DAY_AFTER = "before and after", "day before", "day after"
"""Labels of times that are compared with another one, or that another one is shifted to."""

YESTERDAY = "yesterday"
"""The label of the log's last day where it is called yesterday or today."""

HALF = "half"
"""The label of half of something that the words don't name."""

WHOLE = "whole log"
"""The label of words that undo a period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeSpan:
    """Tokens that say when: a period from `start` to before `end`, or a filter on the weekday or the hour.

    One end is missing after "since" or "until". `ends` are the two periods of "from week 1 to week 8". `count` is the 7
    of "the 7 days before".
    """

    first: int
    last: int
    start: date | None = None
    end: date | None = None
    filter: Filter | None = None
    label: str = ""
    ends: tuple[tuple[date, date], tuple[date, date]] | None = None
    count: int = 0

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
class LogDays:
    """The first and the last day of a log. Not `is_dated`: it has no dates, and these days mean nothing."""

    first: date
    last: date
    is_dated: bool = True

    @property
    def first_monday(self) -> date:
        return self.first - timedelta(days=self.first.weekday())

    def get_distance(self, day: date) -> timedelta:
        """Return how far a day is outside of the log."""
        return max(self.first - day, day - self.last, timedelta(0))


def list_hours(first: int, end: int) -> Filter:
    """Return the filter on the hours from `first` to before `end`, over midnight if need be."""
    hours = range(first, end) if first < end else [*range(first, 24), *range(end)]
    return Filter(field="hour_of_day", operator=Operator.IS, values=tuple(hour % 24 for hour in hours) or (first % 24,))


def list_weekdays(*days: int) -> Filter:
    return Filter(field="weekday", operator=Operator.IS, values=days)


def make_date(year: int, month: int, day: int) -> date | None:
    """Return the date, or None if the calendar has none."""
    if not (1 <= month <= 12 and 1900 <= year <= 9000 and 1 <= day <= monthrange(year, month)[1]):
        return None
    return date(year, month, day)


def make_iso_week(year: int, week: int) -> date | None:
    """Return the Monday of a calendar week, or None if the year has none of that number."""
    if not 1 <= week <= 53:
        return None
    try:
        return date.fromisocalendar(year, week, 1)
    except ValueError:
        return None


def get_next_month(day: date) -> date:
    """Return the first day of the month after that of `day`."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def get_period(grain: str, start: date) -> Period:
    """Return the day, the week or the month that begins with a day."""
    end = get_next_month(start) if grain == "month" else start + (7 if grain == "week" else 1) * DAY
    return Period(start=datetime.combine(start, time()), end=datetime.combine(end, time()))


def list_days(start: date, end: date) -> Iterator[str]:
    """Yield the ISO dates from `start` to before `end`, at most MAX_VALUES."""
    return ((start + i * DAY).isoformat() for i in range(min((end - start).days, MAX_VALUES)))


def shift_months(day: date, months: int) -> date:
    """Return the first day of the month that is so many months later."""
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)
