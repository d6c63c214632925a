"""The other way round: a what-if from the second model to the first, a comparison of the second with the first, or a
ranking from its other end."""

from dataclasses import replace

from agents.language.reading import QuestionKind, Reading, SupposedChange, Turn
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays
from core.i18n.text import text
from workloads.query.query import Filter, Operator, Order

PAIR = 2
COMPARED = frozenset({QuestionKind.COMPARE, QuestionKind.EXPLAIN})


def read_reversal(scan: Scan, _: Reading, last: Turn, __: LogDays) -> Reading | None:
    if not scan.has("reversed") or scan.names or scan.times:
        return None
    before = last.reading
    supposition = before.supposition
    if before.kind is QuestionKind.WHAT_IF and supposition and supposition.change is SupposedChange.MODEL:
        return _reverse_move(scan, before)
    if before.kind in COMPARED and len(before.parts) == PAIR and not before.topic:
        return replace(before, parts=before.parts[::-1], premise="", whether=False, unread=())
    query = before.query
    if before.kind is QuestionKind.MEASURE and query.by and not (query.statistics or query.limit_each):
        old = query.order or Order(by=query.measures[0])
        order = replace(old, descending=not old.descending)
        return replace(before, query=replace(before.query, order=order), rank=None, whether=False, unread=())
    return None


def _reverse_move(scan: Scan, before: Reading) -> Reading:
    """Return the what-if from the model that was moved to, to the one that was moved from."""
    target = before.supposition.model if before.supposition else None
    named = [each for each in before.query.where if each.field == "model" and each.operator is Operator.IS]
    source = named[0].values[0] if len(named) == 1 and len(named[0].values) == 1 else None
    if source is None or target is None or before.supposition is None:
        return Reading(kind=QuestionKind.CLARIFY, message=text("From which model to which one? Name both."))
    if (target,) not in {(n.value,) for names in scan.vocabulary.by_tokens.values() for n in names}:
        message = text("The log has no requests of {model}, so nothing could move from it.", model=target)
        return Reading(kind=QuestionKind.CANNOT, topic="name", message=message)
    others = tuple(each for each in before.query.where if each.field != "model")
    query = replace(before.query, where=(*others, Filter(field="model", values=(target,))))
    supposed = replace(before.supposition, model=str(source))
    return replace(before, query=query, supposition=supposed, whether=False, unread=())
