"""How many requests have a mark of the file, a column of true and false: "how many generations were cancelled?"."""

from dataclasses import replace

from agents.language.findings import Findings
from agents.language.groups import COPULAS, is_excepted_mark
from agents.language.lexicon import Span
from agents.language.phrases.negations import is_said_not
from agents.language.reading import Part, QuestionKind, Reading, Turn
from agents.language.rules.figures import asks_whether
from agents.language.scope import get_scope
from workloads.query.measures import MEASURES
from workloads.query.query import Filter, Operator, Query

GOT = frozenset({"got", "been", "were", "was", "wurden", "wurde", "ete", "fueron", "fue"})
ANY = frozenset({"any", "some", "ever"})
"""Words of a question whether there is a request of the kind."""

PAIR = 2
FLAG = "flag"
"""The topic of a count with its share of the whole."""


def read_flag(found: Findings) -> Reading | None:
    scan = found.scan
    marks = [
        span
        for span in scan.iter_spans("dimensions")
        if span.concept.name in scan.vocabulary.marks and not is_excepted_mark(scan, span)
    ]
    is_asked = scan.has("how_many", "how_much", "share") or asks_whether(scan)
    is_asked = is_asked or any(_says_of(found, span) for span in marks)
    others = [name for name in found.groups if name not in {span.concept.name for span in marks}]
    if len(marks) != 1 or not is_asked or found.thresholds or scan.has("why", "compare", "what_if"):
        return None
    mark = marks[0].concept.name
    if any(span.end == marks[0].start for span in scan.iter_spans("operators", "per")):
        return None  # "by cancelled" shows both
    is_of_money = "spend" in found.measures and not scan.has("how_many")
    sums = tuple(name for name in found.measures if MEASURES[name].is_sum)
    measures = ("spend",) if is_of_money else sums[:1] or ("requests",)
    scope = get_scope(found)
    value = scan.vocabulary.marks[mark]
    operator = Operator.IS_NOT if is_said_not(scan, marks[0].start) else Operator.IS
    chosen = Filter(field=mark, operator=operator, values=(value,))
    part = Query(measures=measures, where=(*scope.where, chosen), period=scope.period)
    if others:
        return Reading(kind=QuestionKind.MEASURE, query=replace(part, by=tuple(others)))
    whole = Query(measures=measures, where=scope.where, period=scope.period)
    parts = (Part(label="", query=part), Part(label="", query=whole))
    is_both = "spend" in found.measures and not is_of_money  # "how many were cancelled, and what did they cost?"
    rest = (Reading(kind=QuestionKind.MEASURE, query=replace(part, measures=("spend",))),) if is_both else ()
    exists = bool(ANY & found.words)
    return Reading(kind=QuestionKind.COMPARE, parts=parts, is_ratio=True, topic=FLAG, exists=exists, rest=rest)


def unfold_flag(turn: Turn, reading: Reading) -> Turn:
    """Return a count of marked requests as the figures of those requests, or of all if the next question leaves the
    marked ones out: "and by model?", "and without the cancelled ones?"."""
    earlier = turn.reading
    if earlier.topic != FLAG or len(earlier.parts) != PAIR:
        return turn
    part, whole = (each.query for each in earlier.parts)
    fields = {each.field for each in part.where} - {each.field for each in whole.where}
    is_left_out = any(each.field in fields and each.operator is Operator.IS_NOT for each in reading.query.where)
    further = (name for each in earlier.rest for name in each.query.measures)
    measures = tuple(dict.fromkeys((*part.measures, *further)))
    query = replace(whole if is_left_out else part, measures=measures)
    return Turn(reading=Reading(kind=QuestionKind.MEASURE, query=query))


def _says_of(found: Findings, mark: Span) -> bool:
    """Whether a mark says of requests what they are: "cancelled requests", "requests that were cancelled"."""
    scan = found.scan
    before = scan.tokens[mark.start - 1].text if mark.start else ""
    return before in COPULAS or before in GOT or any(s.start == mark.end for s in scan.iter_spans("measures"))
