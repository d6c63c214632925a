"""How many of the groups before meet a condition, or which: "how many of them spend more than $3?" after a ranking of
users, "how many days were above it?" after a mean per day."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType

from agents.language.findings import find
from agents.language.groups import COUNTED_DIMENSIONS, COUNTS, is_counted
from agents.language.interpreter import interpret
from agents.language.lexicon import Concept, Span
from agents.language.query_changes import add_filters
from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.scan import Scan
from agents.language.scope import list_having
from agents.language.times.calendar import LogDays
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.query import Having, Operator, Order, Period, Query, Statistic

THEM = frozenset(("them", "those", "these", "davon", "ihnen", "denen", "eux", "elles", "ellos", "ellas"))
WHICH = frozenset(("which", "welche", "lesquels", "lesquelles", "cuales"))
MAX_TO_THEM = 3
"""Tokens after "how many": "how many of all those"."""

BESIDE_IT: Mapping[str, Operator] = MappingProxyType(
    {
        "daruber": Operator.ABOVE,
        "dessus": Operator.ABOVE,
        "encima": Operator.ABOVE,
        "darunter": Operator.BELOW,
        "dessous": Operator.BELOW,
        "debajo": Operator.BELOW,
    }
)
IT = frozenset(("it", "that"))


def read_number_of_them(scan: Scan, _: Reading, last: Turn, extent: LogDays) -> Reading | None:
    """Return how many groups of the question before meet a condition, or which; ask back if it isn't clear."""
    start = _find_start(scan)
    if start is None or last.reading.kind is not QuestionKind.MEASURE:
        return None
    if (days := _count_beside_mean(scan, last.reading.query)) is not None:
        return days
    places = range(start, min(start + MAX_TO_THEM, len(scan.tokens)))
    place = next((at for at in places if scan.tokens[at].text in THEM), None)
    query = last.reading.query
    by = query.by[0] if query.by else COUNTED_DIMENSIONS.get(query.measures[0])
    if place is None or by is None:
        return None  # of requests
    named = _name(scan, start, place + 1, by)
    if not list_having(find(named, extent)):
        return None
    reading = interpret(named, extent) if by in COUNTS else None
    is_part = len(query.by) > 1 or query.limit or query.limit_share or query.limit_each or query.having
    if reading is None or is_part or not (reading.counts or reading.query.having):
        message = text("What do you mean by that? Name a model, feature, team, user or period.")
        return Reading(kind=QuestionKind.CLARIFY, message=message)
    rest = tuple(replace(each, query=_keep(each.query, query)) for each in reading.rest)
    return replace(reading, query=_keep(reading.query, query), rest=rest, is_fragment=False)


def _find_start(scan: Scan) -> int | None:
    """Return where "how many" or "which" ends."""
    counted = next((span.end for span in scan.iter_spans("operators", "how_many")), None)
    which = next((at + 1 for at, token in enumerate(scan.tokens[:MAX_TO_THEM]) if token.text in WHICH), None)
    return which if counted is None else counted


def _name(scan: Scan, start: int, end: int, by: str) -> Scan:
    """Return the scan with a dimension in the place of "of them"."""
    kind = "grains" if get_dimension(by).is_time else "dimensions"
    others = [span for span in scan.spans if not start <= span.start < end]
    spans = sorted((*others, Span(start, end, Concept(kind, by))), key=lambda span: span.start)
    return replace(scan, spans=spans, unknown_words=[at for at in scan.unknown_words if not start <= at < end])


def _keep(new: Query, old: Query) -> Query:
    period = new.period if new.period != Period() else old.period
    return replace(new, where=add_filters(old.where, new.where), period=period)


def _count_beside_mean(scan: Scan, old: Query) -> Reading | None:
    """Return how many days were above their mean, which the answer before was."""
    kinds = ("dimensions", "grains")
    counted = {span.concept.name for kind in kinds for span in scan.iter_spans(kind) if is_counted(scan, span)}
    operator = _find_beside(scan)
    is_bare = not (scan.names or scan.times or scan.numbers or scan.list_names("measures"))
    if operator is None or not is_bare or old.statistics != (Statistic.MEAN,) or len(old.by) != 1:
        return None
    by, measure = old.by[0], old.measures[0]
    if counted != {by} or by not in COUNTS:
        return None
    having = Having(measure=measure, operator=operator, value=Decimal(1), than=Statistic.MEAN)
    met = replace(old, measures=(measure,), having=(having,), statistics=(), order=Order(by=measure))
    total = replace(old, measures=(COUNTS[by],), by=(), statistics=(), order=None)
    rest = (Reading(kind=QuestionKind.MEASURE, query=total),)
    return Reading(kind=QuestionKind.MEASURE, query=met, counts=True, rest=rest)


def _find_beside(scan: Scan) -> Operator | None:
    """Return the operator of "above it", "darüber", "au-dessus"."""
    found = (BESIDE_IT.get(token.text) for token in scan.tokens)
    if (said := next((each for each in found if each is not None), None)) is not None:
        return said
    for span in scan.iter_spans("operators"):
        after = scan.tokens[span.end].text if span.end < len(scan.tokens) else ""
        if span.concept.name in ("above", "below") and after in IT:
            return Operator.ABOVE if span.concept.name == "above" else Operator.BELOW
    return None
