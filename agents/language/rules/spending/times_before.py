"""A figure of the whole log compared with the time before: its last whole week with the one before that."""

from dataclasses import replace
from datetime import date, timedelta

from agents.language.reading import Part, QuestionKind, Reading
from agents.language.rules.lately import LATELY
from agents.language.rules.period_pairs import label_period
from agents.language.scan import Scan
from agents.language.times.calendar import DAY_BEFORE, LogDays, TimeSpan, shift_months
from workloads.query.query import Period

MONTHS = frozenset(("month", "monat", "vormonat", "mois", "mes"))
WEEKS = frozenset(("week", "woche", "vorwoche", "semaine", "semana"))
DAYS = frozenset(("day", "tag", "jour", "veille", "dia"))


def ask_time_before(scan: Scan, previous: Reading, extent: LogDays) -> Reading | None:
    """Return the comparison of "how does that compare with the week before?" after figures without a period."""
    time = next((each for each in scan.times if each.label == DAY_BEFORE), None)
    old = previous.query
    is_figure = previous.kind is QuestionKind.MEASURE and not (old.by or old.statistics or old.having or previous.topic)
    if time is None or not is_figure or not extent.is_dated or old.period != Period() or len(scan.times) > 1:
        return None
    middle, end = _find_last(extent, {token.text for token in scan.tokens[time.first : time.last]})
    if middle is None or end is None:
        return None
    start = shift_months(middle, -1) if middle.day == 1 and (end - middle).days > 7 else middle - (end - middle)
    if start < extent.first:
        return None
    spans = (TimeSpan(first=0, last=0, start=start, end=middle), TimeSpan(first=0, last=0, start=middle, end=end))
    parts = tuple(Part(label=label_period(span), query=replace(old, period=span.period)) for span in spans)
    return Reading(kind=QuestionKind.COMPARE, parts=parts, topic=LATELY)


def _find_last(extent: LogDays, said: set[str]) -> tuple[date | None, date | None]:
    """Return the first day of the log's last whole week, month or day, and the day after it."""
    after = extent.last + timedelta(days=1)
    if WEEKS & said:
        monday = after - timedelta(days=after.weekday())
        return monday - timedelta(days=7), monday
    if MONTHS & said:
        first = after.replace(day=1)
        return shift_months(first, -1), first
    return (extent.last, after) if DAYS & said else (None, None)
