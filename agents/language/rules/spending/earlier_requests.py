"""Follow-ups of single requests, and of a part of a whole: "and the longest prompt?", "which feature was it?"."""

from dataclasses import replace

from agents.language.numbers import FIELD_OF_MEASURE
from agents.language.query_changes import add_filters
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.scan import Scan
from workloads.query.dimensions import get_dimension
from workloads.query.query import ROW_NUMBERS, Filter, Period, Query

IT = frozenset(("it", "that", "this", "es", "das", "sie", "c", "ce", "era", "fue"))


def ask_of_request(scan: Scan, reading: Reading, previous: Reading) -> Reading | None:
    """Return the request before with its feature for "which feature was it?", or another one of the same requests."""
    if previous.kind is not QuestionKind.REQUESTS:
        return None
    if reading.kind is QuestionKind.REQUESTS and scan.get_place("also") == 0:
        query = replace(reading.query, where=add_filters(previous.query.where, reading.query.where))
        period = query.period if query.period != Period() else previous.query.period
        return replace(reading, query=replace(query, period=period))
    if (ranked := _rank_anew(scan, reading, previous)) is not None:
        return ranked
    groups = [name for name in scan.list_names("dimensions") if name in scan.vocabulary.dimensions]
    is_bare = not (scan.names or scan.times or scan.numbers or scan.list_names("measures"))
    is_of_one = previous.query.limit == 1 and len(groups) == 1 and not get_dimension(groups[0]).is_time
    is_it = bool(IT & {token.text for token in scan.tokens}) or "user" in groups
    return replace(previous, dimension=groups[0], rest=(), whether=False) if is_bare and is_of_one and is_it else None


def _rank_anew(scan: Scan, reading: Reading, previous: Reading) -> Reading | None:
    """Return the same requests by another number of theirs: "and the slowest?"."""
    is_other = scan.names or scan.times or scan.numbers or any(True for _ in scan.iter_spans("ordinals"))
    is_rank = scan.has("most", "least", "per") and reading.kind is QuestionKind.MEASURE and not reading.query.by
    if is_other or not is_rank or not scan.list_names("measures"):
        return None
    measure = reading.query.measures[0]
    order = "latency_ms" if measure.startswith("latency") else FIELD_OF_MEASURE.get(measure)
    if order is None:
        return None
    return replace(previous, order_by=order, descending=not scan.has("least"), rank=None, rest=(), whether=False)


def ask_part_of_others(scan: Scan, reading: Reading, previous: Reading) -> Reading | None:
    """Return "and for gpt-4o?" after what part of a whole something is."""
    is_part = previous.kind is QuestionKind.COMPARE and previous.is_ratio and not previous.topic
    is_bare = reading.kind is QuestionKind.MEASURE and not (reading.query.by or scan.list_names("measures"))
    new = reading.query
    if not (is_part and is_bare and reading.is_fragment) or not (new.where or new.period != Period()):
        return None
    part, whole = (each.query for each in previous.parts[:2])
    own = {each.field for each in part.where} - {each.field for each in whole.where} - set(ROW_NUMBERS)
    of_part = tuple(each for each in new.where if each.field in own)
    of_both = tuple(each for each in new.where if each.field not in own)
    is_period_of_part = part.period != whole.period
    queries = (
        _change(part, (*of_both, *of_part), new.period),
        _change(whole, of_both, Period() if is_period_of_part else new.period),
    )
    return replace(previous, parts=tuple(Part(label="", query=query) for query in queries), whether=False)


def _change(query: Query, where: tuple[Filter, ...], period: Period) -> Query:
    filters = add_filters(query.where, where)
    return replace(query, where=filters, period=period if period != Period() else query.period)
