"""Ratios and differences of two: "how many times as expensive is A as B?", "how much more did May cost than April?",
"the difference between input and cached tokens"."""

from dataclasses import replace

from agents.language.findings import Findings
from agents.language.limits import TIMES
from agents.language.reading import Contrast, QuestionKind, Reading
from agents.language.scan import Scan
from agents.language.scope import get_scope
from workloads.query.measures import MEASURES
from workloads.query.query import Order, Query

PAIR = 2
BEING = frozenset(("is", "are", "was", "were"))
DIFFERENCES = frozenset(
    (
        *("difference", "differences", "differ", "unterschied", "unterschiede", "differenz", "ecart"),
        *("diferencia", "diferencias"),
    )
)
MORE = frozenset(
    ("more", "less", "fewer", "mehr", "weniger", "plus", "moins", "mas", "menos", "teurer", "cheaper", "dearer")
)


def asks_multiple(scan: Scan) -> bool:
    """Whether a factor is asked for: "how many times as ... as", "by what factor", "the ratio of A to B"."""
    ends = {span.end for span in scan.iter_spans("operators", "how_many")}
    is_counted = any(place < len(scan.tokens) and scan.tokens[place].text in TIMES for place in ends)
    return scan.has("times_as", "ratio") or is_counted


def asks_difference(scan: Scan) -> bool:
    words = {token.text for token in scan.tokens}
    return bool(DIFFERENCES & words) or (scan.has("how_much") and bool(MORE & words))


def read_difference(found: Findings) -> Reading | None:
    """Return both figures of "the difference between input and cached tokens"."""
    scan, measures = found.scan, _list_kinds(found)
    is_asked = scan.has("compare") and len(measures) == PAIR
    if not is_asked or found.groups or len({MEASURES[name].unit for name in measures}) != 1:
        return None
    if len(found.list_points()) > 1 or len({name.names[0] for name in scan.names}) > 1:
        return None
    scope = get_scope(found)
    query = Query(measures=measures, where=scope.where, period=scope.period)
    return Reading(kind=QuestionKind.MEASURE, query=query, contrast=Contrast.DIFFERENCE)


def _list_kinds(found: Findings) -> tuple[str, ...]:
    """Return the measures without spend, where what two kinds of tokens cost is compared."""
    kinds = tuple(name for name in found.measures if name.endswith("_spend"))
    return kinds if len(kinds) == PAIR and set(found.measures) == {"spend", *kinds} else found.measures


def add_contrast(found: Findings, reading: Reading) -> Reading:
    """Return a reading of two names or periods with what is asked of their figures."""
    query = reading.query
    is_pair = len(reading.focus) == PAIR and len(query.by) == 1 and reading.kind is QuestionKind.MEASURE
    is_pair = is_pair or (reading.kind is QuestionKind.COMPARE and _is_plain_pair(reading))
    if _asks_of_extremes(found, reading):
        order = Order(by=query.measures[0])
        contrast = Contrast.TIMES if asks_multiple(found.scan) else Contrast.DIFFERENCE
        return replace(reading, query=replace(query, order=order), contrast=contrast, singular=False)
    if not is_pair or found.scan.has("why", "share"):
        return reading
    if asks_multiple(found.scan):
        return replace(reading, contrast=Contrast.TIMES)
    return replace(reading, contrast=Contrast.DIFFERENCE) if asks_difference(found.scan) else reading


def _asks_of_extremes(found: Findings, reading: Reading) -> bool:
    """Whether the first and the last are compared: "the difference between the cheapest and the dearest model"."""
    scan, query = found.scan, reading.query
    is_asked = (asks_difference(scan) or asks_multiple(scan)) and scan.has("most") and scan.has("least")
    return is_asked and reading.kind is QuestionKind.MEASURE and len(query.by) == 1 and not query.statistics


def asks_how_much(scan: Scan, reading: Reading) -> bool:
    """Whether a question with a verb first asks for a factor or a difference: "combien de fois A est-il plus cher"."""
    return reading.contrast is not None and (scan.has("how_much", "how_many") or not scan.has("than"))


def _is_plain_pair(reading: Reading) -> bool:
    query = reading.parts[0].query
    return len(reading.parts) == PAIR and not reading.is_ratio and not reading.topic and not query.by


def compares_what_is(found: Findings) -> bool:
    """Whether "how much cheaper is A than B?" asks about what was, not about what would be."""
    scan = found.scan
    ends = {span.end for span in scan.iter_spans("operators", "what_if")}
    is_verb = any(end < len(scan.tokens) and scan.tokens[end].text in BEING for end in ends)
    return is_verb and scan.has("than") and len(scan.names) == PAIR and not (found.words & {"if", "would"})
