"""Which of the groups before became slower or dearer: "p95 latency of each feature", "which of them got slower?"."""

from datetime import timedelta

from agents.language.reading import Part, QuestionKind, Reading, Turn
from agents.language.rules.lately import LATELY, SLOWER, find_change, list_halves
from agents.language.rules.period_pairs import label_period
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays
from workloads.query.dimensions import get_dimension
from workloads.query.query import Period, Query

ONES = frozenset(("them", "those", "these", "which", "ones", "davon", "welche", "lesquelles", "lesquels", "cuales"))
SPEEDS = ("latency", "first_token")
OTHERS = ("why", "than", "compare", "what_if", "forecast", "share", "how_many")


def read_became(scan: Scan, reading: Reading, last: Turn, extent: LogDays) -> Reading | None:
    """Return the figure before for each group in the first and in the second half of the days before."""
    words = frozenset(token.text for token in scan.tokens)
    premise, old = find_change(scan, words), last.reading.query
    is_table = last.reading.kind is QuestionKind.MEASURE and len(old.by) == 1 and not get_dimension(old.by[0]).is_time
    is_of_them = bool(ONES & words) and set(scan.list_names("dimensions")) <= set(old.by)
    if not (premise and is_table and is_of_them) or scan.names or scan.times or scan.has(*OTHERS) or old.statistics:
        return None
    measure = _choose_measure(reading, old, is_speed=bool(SLOWER & words))
    parts = tuple(
        Part(
            label=label_period(time),
            query=Query(measures=(measure,), by=old.by, where=old.where, period=time.period, zone=old.zone),
        )
        for time in list_halves(_narrow(extent, old.period))
    )
    return Reading(kind=QuestionKind.COMPARE, parts=parts, premise=premise, topic=LATELY) if parts else None


def _choose_measure(reading: Reading, old: Query, *, is_speed: bool) -> str:
    first = old.measures[0]
    if is_speed != first.startswith(SPEEDS):
        return reading.query.measures[0] if is_speed else "spend"
    return first


def _narrow(extent: LogDays, period: Period) -> LogDays:
    """Return the days of a period of the log."""
    first = max(extent.first, period.start.date()) if period.start else extent.first
    last = min(extent.last, period.end.date() - timedelta(days=1)) if period.end else extent.last
    return LogDays(first, max(first, last), is_dated=extent.is_dated)
