"""Which part of the money before was for output, input or cached tokens: "what did we spend?", "how much of that is
output?". After one request it is what its cost is made of; where the money has no such parts, they are asked back."""

import re
from dataclasses import replace

from agents.language.named_measures import KIND_SPEND
from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.rules.spending.parts_of_whole import WHOLES
from agents.language.scan import Scan
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Filter, Query

OF_THAT = re.compile(
    r"\b(?:(?:of|in) (?:that|this|it|them|those|which)|davon|hiervon|dont|en (?:cela|ca)|"
    r"(?:de|en|sur) (?:cela|ca|eso|esto|ello|ellos))\b"
)
WHOLE_MONEY = frozenset(("spend", "cost_per_request"))
MONEY = frozenset(
    {
        QuestionKind.COMPARE,
        QuestionKind.EXPLAIN,
        QuestionKind.WHAT_IF,
        QuestionKind.FORECAST,
        QuestionKind.BUDGET,
        QuestionKind.SAVINGS,
    }
)


def ask_part_of_that(scan: Scan, last: Turn) -> Reading | None:
    """Return the part of the figure before that a kind of token makes; None for another question."""
    said = " ".join(token.text for token in scan.tokens if token.is_word)
    measures = [name for name in scan.list_names("measures") if name != "spend"]
    is_asked = scan.has("how_much", "how_many", "share") and OF_THAT.search(said) is not None
    is_bare = not (scan.names or scan.times or scan.numbers or scan.list_names("dimensions"))
    if not (is_asked and is_bare) or len(measures) != 1 or measures[0] not in KIND_SPEND:
        return None
    previous = last.reading
    if previous.kind is QuestionKind.REQUEST_PARTS:
        return replace(previous, focus=(measures[0],), rest=(), unread=())
    if previous.kind is QuestionKind.REQUESTS:
        is_one = previous.query.limit == 1 and previous.rank is None
        parts = replace(previous, kind=QuestionKind.REQUEST_PARTS, focus=(measures[0],), rest=(), unread=())
        return parts if is_one else _ask_of_what()
    if previous.kind is QuestionKind.MEASURE:
        return _relate(last, measures[0])
    return _ask_of_what() if previous.kind in MONEY else None


def _relate(last: Turn, kind: str) -> Reading | None:
    old = last.reading.query
    measure = old.measures[0]
    if measure not in (*WHOLE_MONEY, "tokens"):
        return _ask_of_what() if MEASURES[measure].unit is Unit.USD and measure != KIND_SPEND[kind] else None
    if old.having or old.limit or old.statistics or last.reading.rest or last.reading.quotient:
        return _ask_of_what()
    pair = (kind, WHOLES[kind]) if measure == "tokens" else (KIND_SPEND[kind], "spend")
    query = Query(measures=pair, where=old.where, period=old.period, zone=old.zone)
    if last.reading.singular and last.subject is not None and not get_dimension(last.subject[0]).is_time:
        dimension, value = last.subject
        query = replace(query, where=(*old.where, Filter(field=dimension, values=(value,))))
    elif old.by and last.reading.singular:
        return _ask_of_what()
    return Reading(kind=QuestionKind.MEASURE, query=query, is_ratio=True)


def _ask_of_what() -> Reading:
    message = text("Of what? Name what it is a part of, such as the spend of a feature.")
    choices = ("What share of spend is output?", "What share of spend is input?")
    return Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices, is_fragment=True)
