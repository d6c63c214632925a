"""What one of something costs: "one FAQ answer" is a request, "what does one cost?" is one of what was counted."""

from dataclasses import replace

from agents.language.findings import Findings
from agents.language.groups import COUNTED_DIMENSIONS
from agents.language.reading import QuestionKind, Reading
from agents.language.scan import Scan
from agents.language.scope import get_scope
from core.i18n.text import text
from workloads.query.dimensions import FAILED
from workloads.query.query import Filter, Order, Query, Statistic

CERTAIN = frozenset(("one", "single", "einzelne", "einzelner", "einziger", "seul", "seule", "solo", "sola"))
ONE = CERTAIN | frozenset(("ein", "eine", "einer", "eines", "une", "un", "una", "uno"))
ARTICLES = frozenset(("a", "an", "un", "une", "una", "ein", "eine", "einer"))
"""Words that stand before many nouns, and don't stress that one of them is meant."""


def read_single_item(found: Findings) -> Reading | None:
    """How much does one FAQ answer cost? A request is what makes one."""
    scan = found.scan
    is_cost = found.measures == ("spend",) and not (found.groups or found.thresholds or found.counted_dimensions)
    if not is_cost or scan.has("most", "least", "top", "share", "what_if", "per", "compare", "than", "forecast"):
        return None
    places = [place for place, token in enumerate(scan.tokens) if token.text in ONE | ARTICLES]
    if (unknown := next((at + 1 for at in places if _is_unknown(scan, at)), None)) is not None:
        message = text("The log doesn't count “{name}”, only requests.", name=scan.tokens[unknown].raw)
        choices = ("What does one request cost?",)
        return Reading(kind=QuestionKind.CANNOT, topic="item", message=message, choices=choices)
    if not any(_is_item(scan, place) for place in places):
        return None
    scope = get_scope(found)
    query = Query(measures=("cost_per_request",), where=scope.where, period=scope.period)
    return Reading(kind=QuestionKind.MEASURE, query=query)


def _is_unknown(scan: Scan, place: int) -> bool:
    """Whether "one" stands before something that the log doesn't count: "one lookup"."""
    return scan.tokens[place].text in CERTAIN and place + 1 in scan.unknown_words and not scan.names


def _is_item(scan: Scan, place: int) -> bool:
    """Whether "answer" follows "one" right away or after a name; or an unknown noun after "one" and a name."""
    named = {at for name in scan.names for at in range(name.start, name.end)}
    end = place + 1
    while end in named:
        end += 1
    is_unknown = end > place + 1 and end in scan.unknown_words and scan.tokens[place].text in CERTAIN
    return is_unknown or any(span.start == end for span in scan.iter_spans("asked", "item"))


def read_single_member(found: Findings) -> Reading | None:
    """How much does one support-chat user cost? The mean of them."""
    scan = found.scan
    if scan.has("anomaly", "rise", "fall", "change"):
        return None  # "did any single user suddenly spend more?"
    named = {at for name in scan.names for at in range(name.start, name.end)}
    for span in scan.iter_spans("dimensions"):
        place = span.start - 1
        while place in named:
            place -= 1
        is_one = place >= 0 and scan.tokens[place].text in CERTAIN
        if is_one and found.groups == (span.concept.name,) and found.measures == ("spend",) and not found.thresholds:
            scope = get_scope(found)
            query = Query(by=found.groups, where=scope.where, period=scope.period, statistics=(Statistic.MEAN,))
            return Reading(kind=QuestionKind.MEASURE, query=query)
    return None


def ask_cost_of_one(scan: Scan, previous: Reading) -> Reading | None:
    """Return "and what does one cost?" after a number of sessions or requests."""
    is_bare = scan.list_names("measures") == ["spend"] and not (scan.names or scan.times or scan.list_names("grains"))
    is_one = bool(ONE & {token.text for token in scan.tokens}) and not scan.list_names("dimensions")
    if not (is_bare and is_one) or scan.has("most", "least", "top") or previous.kind is not QuestionKind.MEASURE:
        return None
    old = previous.query
    counted = old.measures[0]
    if old.by or old.statistics:
        return None
    if counted in COUNTED_DIMENSIONS:
        query = replace(old, measures=("spend",), by=(COUNTED_DIMENSIONS[counted],), statistics=(Statistic.MEAN,))
    elif counted in ("requests", "failures"):
        failed = (Filter(field="status", values=(FAILED,)),) if counted == "failures" else ()
        query = replace(old, measures=("cost_per_request",), where=(*old.where, *failed))
    else:
        return None
    return Reading(kind=QuestionKind.MEASURE, query=query)


def read_mean_and_extreme(found: Findings) -> Reading | None:
    """What did an average user cost, and the most expensive one? The mean, and the first of the ranking."""
    scan, groups = found.scan, found.groups
    rank = next((span for span in scan.iter_spans("operators") if span.concept.name in ("most", "least")), None)
    mean = next(scan.iter_spans("statistics", "mean"), None)
    is_plain = len(groups) == 1 and groups[0] not in ("weekday", "hour_of_day") and not found.thresholds
    if rank is None or mean is None or not is_plain or scan.statistic_limits or scan.has("why", "what_if", "share"):
        return None
    first, last = sorted((rank, mean), key=lambda span: span.start)
    is_joined = any(scan.is_and(at) for at in range(first.end, last.start)) or scan.has("compare", "than")
    if not is_joined or found.find_limit():
        return None
    scope = get_scope(found)
    measure = found.measures[:1] or ("spend",)
    query = Query(measures=measure, by=groups, where=scope.where, period=scope.period)
    ranking = replace(query, order=Order(by=measure[0], descending=rank.concept.name == "most"))
    return Reading(
        kind=QuestionKind.MEASURE,
        query=replace(query, statistics=(Statistic.MEAN,)),
        rest=(Reading(kind=QuestionKind.MEASURE, query=ranking, singular=True),),
    )
