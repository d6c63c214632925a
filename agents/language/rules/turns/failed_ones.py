"""Follow-ups about failed requests: "what is the most common one?" and "does it happen at a particular time?"."""

from dataclasses import replace

from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.rules.spending.failure_reasons import NO_REASONS
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays
from workloads.query.dimensions import FAILED
from workloads.query.query import Filter, Order, Query

IS_FAILED = Filter(field="status", values=(FAILED,))
COMMON = frozenset(("common", "commonest", "frequent", "frequente", "haufigste", "haufigsten", "comun", "frecuente"))
TIMES = frozenset(
    ("time", "times", "uhrzeit", "zeit", "uhrzeiten", "heure", "heures", "moment", "hora", "horas", "momento")
)
PARTICULAR = frozenset(
    (
        *("particular", "certain", "specific", "bestimmte", "bestimmten", "certaine", "certaines", "particuliere"),
        *("precise", "precis", "determinada", "concreta", "determinado", "concreto"),
    )
)
MAX_TOKENS = 12


def read_about_failed(scan: Scan, reading: Reading, last: Turn, extent: LogDays) -> Reading | None:
    """Return the failed requests before by error, or by hour of the day."""
    old = last.reading.query
    is_figure = last.reading.kind is QuestionKind.MEASURE and old.measures[0] in ("failures", "error_rate")
    is_list = last.reading.kind in (QuestionKind.MEASURE, QuestionKind.REQUESTS) and IS_FAILED in old.where
    named = [name for name in scan.list_names("dimensions") if name != "error"]
    is_other = scan.names or scan.times or named or len(scan.tokens) > MAX_TOKENS
    if not (is_figure or is_list) or is_other or not set(scan.list_names("measures")) <= {"failures"}:
        return None
    said = {token.text for token in scan.tokens}
    if said & COMMON:
        if "error" not in scan.vocabulary.dimensions:
            return Reading(kind=QuestionKind.CANNOT, topic="error", message=NO_REASONS)
        return Reading(kind=QuestionKind.MEASURE, query=_group(old, "error"), singular=True)
    if said & TIMES and said & PARTICULAR and extent.is_dated:
        return Reading(kind=QuestionKind.MEASURE, query=_group(old, "hour_of_day"))
    return None


def _group(old: Query, by: str) -> Query:
    where = tuple(each for each in old.where if each.field != "status")
    query = Query(measures=("failures",), by=(by,), where=where, period=old.period, zone=old.zone)
    return replace(query, order=Order(by="failures"))
