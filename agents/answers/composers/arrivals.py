"""Groups that are new in a period, or are not used any more."""

from collections.abc import Collection, Sequence

from agents.answers.answer import Answer, AnswerKind, Figure, Table
from agents.answers.scope_text import describe_scope
from agents.language.reading import Reading
from core.i18n.text import join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import Unit
from workloads.query.query import Query

MAX_NAMES = 10
"""Groups that the sentence names; the table has all of them."""

Names = Collection[tuple[str, ...]]


def compose_arrivals(reading: Reading, table: Table, before: Names, within: Names) -> Answer:
    """Return the groups that are new in a period, or those of the time before that it lacks."""
    title = get_dimension(reading.dimension or "").many
    is_new = reading.topic == "new"
    found = [name for name in (within if is_new else before) if name not in (before if is_new else within)]
    period, scope = reading.parts[1].label, describe_scope(Query(where=reading.parts[1].query.where))
    if is_new and not before:
        why = text("The log has nothing before {period}, so it doesn't show what is new then.", period=period)
        return Answer(kind=AnswerKind.CANNOT, text=why)
    if is_new:
        sentence = (
            text("New in {period}: {names}.", period=period, names=_join_names(found))
            if found
            else text("Nothing is new in {period}, compared with the time before.", period=period)
        )
    else:
        sentence = (
            text("Not in {period}, but before: {names}.", period=period, names=_join_names(found))
            if found
            else text("Nothing of the time before is missing in {period}.", period=period)
        )
    count = Figure(
        name=str(text("{many}, new", many=title) if is_new else text("{many}, gone", many=title)),
        value=len(found),
        unit=Unit.COUNT,
    )
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", (sentence, scope)), figures=(count,), tables=(table,))


def _join_names(names: Sequence[tuple[str, ...]]) -> str:
    return "; ".join(", ".join(name) for name in names[:MAX_NAMES])
