"""Plain questions: figures, rankings and shares, and whether something is so.

Questions that want a yes or a no begin with a verb, "did spend rise?", or say so, "est-ce que"; some ask whether a name
comes first, "is Sales our most expensive team?"."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from agents.language.findings import Findings, find_rank, is_sum_of_first
from agents.language.groups import COUNTS
from agents.language.lexicon import Concept
from agents.language.numbers import FIELD_OF_MEASURE
from agents.language.reading import QuestionKind, Reading, Series
from agents.language.rules.discounts import list_unpriced
from agents.language.rules.figure_queries import build_query
from agents.language.scan import Scan
from agents.language.scope import get_scope, is_negated, list_having
from workloads.query.dimensions import FAILED, get_dimension
from workloads.query.measures import MEASURES
from workloads.query.query import Filter, Having, Order, Query

MAX_PERCENT = 100
MAX_POINTS = 4
"""Periods that are answered one by one."""

USES = frozenset(
    {"use", "using", "used", "nutzen", "benutzen", "verwenden", "utilise", "utilisons", "usamos", "utilizamos"}
)


SUMMING = frozenset(("altogether", "zusammen", "insgesamt", "ensemble"))
TOTALS = frozenset(("in total", "in all", "au total", "en tout", "en total", "en conjunto"))
"""Words that ask for the sum of the groups that are named by their number."""


def read_figures(found: Findings) -> Reading:
    """Measures of all requests in question, or of groups of them; for each period if several are named."""
    reading = _read_figures(found)
    points = found.list_points([time for time in found.scan.times if not is_negated(found.scan, time.first)])
    if len(points) <= 1 or any(time.ends for time in found.scan.times):
        return reading
    queries = [replace(reading.query, period=point.period) for point in points[:MAX_POINTS]]
    first, *others = [replace(reading, query=query, rest=()) for query in queries]
    return replace(first, rest=(*others, *reading.rest))


def _read_figures(found: Findings) -> Reading:
    check = _find_check(found)
    found = _ask_for_check(found, check) if check else _compare_requests(found)
    scan = found.scan
    query = build_query(found)
    if found.counted_dimensions and list_having(found):
        return _count_groups(found, query)
    reach = _find_reach(found)
    if reach is not None:
        return _count_to_reach(found, query, reach)
    if scan.has("what_failed") and not query.by:
        known = tuple(each for each in ("feature", "model") if each in scan.vocabulary.dimensions)
        failed = Filter(field="status", values=(FAILED,))
        query = replace(
            query,
            measures=("failures", "failed_spend"),
            by=known,
            where=(*query.where, failed),
            order=Order(by="failures"),
        )
    return Reading(
        kind=QuestionKind.MEASURE,
        query=query,
        singular=scan.has("most", "least") and bool(query.by) and query.limit is None,
        together=_adds_up(scan, query) or query.limit_share is not None or _asks_share_of_first(scan, query),
        claimed=_find_claimed(found, query),
        premise=_find_trend(found, query),
        check=check,
        series=_find_series(found, query),
        exists=scan.has("exist", "uses") or bool(USES & found.words) or any(each.than for each in query.where),
        rank=find_rank(scan) if query.order is not None and query.by else None,
        rest=_list_further(found, query),
        is_fragment=is_fragment(found),
    )


def _adds_up(scan: Scan, query: Query) -> bool:
    """How much did the top 3 users cost in total? Not "the top 3 by total spend"."""
    words = [token.text for token in scan.tokens]
    is_sum = not SUMMING.isdisjoint(words) or any(" ".join(pair) in TOTALS for pair in pairwise(words))
    if (query.limit or 0) > 1 and is_sum_of_first(scan):
        return True
    return scan.has("together") or (is_sum and (query.limit or 0) > 1 and len(query.measures) == 1)


def _asks_share_of_first(scan: Scan, query: Query) -> bool:
    """What share of spend goes to the three most expensive customers? Of them together; not "the top 3 with shares"."""
    ranks = [span.start for span in scan.iter_spans("operators") if span.concept.name in ("top", "most", "least")]
    share = scan.get_place("share")
    return (query.limit or 0) > 1 and share is not None and bool(ranks) and share < min(ranks)


def _find_reach(found: Findings) -> Decimal | None:
    """Return the share of "how many users make up half of our spend?"."""
    is_part = found.scan.has("together") or ("spend" in found.measures and not found.thresholds)
    if len(found.counted_dimensions) != 1 or not is_part or found.scan.has("than", "above", "below"):
        return None
    fraction = next(found.scan.iter_spans("fractions"), None)
    percent = found.percent.value if found.percent else Decimal(fraction.concept.name) if fraction else None
    return percent / MAX_PERCENT if percent is not None and 0 < percent <= MAX_PERCENT else None


def _count_to_reach(found: Findings, query: Query, reach: Decimal) -> Reading:
    measure = next((name for name in found.measures if MEASURES[name].is_sum), "spend")
    by = found.counted_dimensions[0]
    ranked = replace(query, measures=(measure,), by=(by,), order=Order(by=measure), shares=True, limit=None)
    return Reading(kind=QuestionKind.MEASURE, query=ranked, reach=reach)


def _find_series(found: Findings, query: Query) -> Series | None:
    """Return what is asked of figures over time: "cumulative spend by day", "spend growth week over week"."""
    if len(query.by) != 1 or not get_dimension(query.by[0]).is_time or query.statistics or query.order is not None:
        return None
    if found.scan.has("running") and all(MEASURES[name].is_sum for name in query.measures):
        return Series.RUNNING
    return Series.GROWTH if found.scan.has("growth") else None


def _find_check(found: Findings) -> Having | None:
    """Return the limit of "was the error rate above 5% in May?": one on the figure of all requests together."""
    if found.groups or found.counted_dimensions or not asks_whether(found.scan) or "requests" in found.measures:
        return None
    having = list_having(found)
    return having[0] if len(having) == 1 else None


def _ask_for_check(found: Findings, check: Having) -> Findings:
    """Return the findings with the figure that has a limit first."""
    others = tuple(name for name in found.measures if name != check.measure)
    return replace(found, thresholds=(), measures=(check.measure, *others))


def _compare_requests(found: Findings) -> Findings:
    """Return "tokens over 5000" as a limit on single requests, since there are no groups that it could be about."""
    if (
        found.groups
        or found.counted_dimensions
        or not any(each.measure in FIELD_OF_MEASURE for each in found.thresholds)
    ):
        return found
    comparisons = tuple(
        replace(each, measure=FIELD_OF_MEASURE[each.measure], is_row=True)
        if not each.is_row and each.measure in FIELD_OF_MEASURE
        else each
        for each in found.thresholds
    )
    compared = {each.measure for each in found.thresholds if not each.is_row}
    measures = ("requests", *found.measures) if compared >= set(found.measures) else found.measures
    return replace(found, thresholds=comparisons, measures=tuple(dict.fromkeys(measures)))


def _count_groups(found: Findings, query: Query) -> Reading:
    """Return how many groups meet a condition, and how many there are: "how many users spent more than $5?"."""
    having = list_having(found)
    by = next((name for name in found.counted_dimensions if name != "day"), "day")
    measure = having[0].measure
    met = replace(query, measures=(measure,), by=(by,), having=having, order=Order(by=measure))
    return Reading(
        kind=QuestionKind.MEASURE,
        query=met,
        counts=True,
        rest=(Reading(kind=QuestionKind.MEASURE, query=replace(query, measures=(COUNTS[by],))),),
        is_fragment=is_fragment(found),
    )


def _find_claimed(found: Findings, query: Query) -> int | None:
    """Return the 12 of "we have twelve teams": a number of groups that is no limit."""
    if query.limit is not None or not query.by:
        return None
    spans = [span for span in found.scan.iter_spans("dimensions") if span.concept.name == query.by[0]]
    numbers = (n for n in found.scan.numbers if any(span.start == n.end for span in spans))
    return next((int(n.value) for n in numbers if n.value == n.value.to_integral()), None)


def _find_trend(found: Findings, query: Query) -> str:
    """Return whether figures over time are asked for as a rise or a fall, or as a change."""
    if query.by not in (("week",), ("month",), ("day",)) or query.order is not None:
        return ""
    if found.scan.has("double") and asks_whether(found.scan):
        return "double"
    is_dearer = found.scan.has("change") and found.scan.has("most")  # "getting more expensive"
    if found.scan.has("rise") or is_dearer:
        return "rise"
    return "fall" if found.scan.has("fall") else "change" if found.scan.has("change") else ""


def is_fragment(found: Findings) -> bool:
    """Whether the question says only a part of what is asked, and may belong to the one before."""
    scan = found.scan
    starts_with_and = scan.get_place("also") == 0
    return not found.measures or scan.has("instead_of_it", "reset", "pronoun") or starts_with_and


def _list_further(found: Findings, query: Query) -> tuple[Reading, ...]:
    """Return further questions in the same sentence: another dimension."""
    separate = found.list_separate_groups()
    others = tuple(Reading(kind=QuestionKind.MEASURE, query=replace(query, by=(name,))) for name in separate[1:])
    return (*others, *list_unpriced(found, query))


def asks_whether(scan: Scan) -> bool:
    """Whether the question can be answered with yes or no."""
    first = next((place for place, token in enumerate(scan.tokens) if token.is_word), 0)
    start = next((first + 1 for span in scan.iter_spans("operators", "also") if span.start == first), first)
    if any(concept.kind == "whether" and concept.name == "first" for concept in _get_concepts(scan, start)):
        return True
    return any(
        span.concept.name == "always" or (span.concept.name == "first" and span.start in (first, start))
        for span in scan.iter_spans("whether")
    )


def _get_concepts(scan: Scan, place: int) -> tuple[Concept, ...]:
    return scan.lexicon.get(scan.tokens[place].text) if place < len(scan.tokens) else ()


def read_claim(found: Findings) -> Reading | None:
    """Return the ranking among which the name is looked for."""
    scan = found.scan
    is_claim = asks_whether(scan) and scan.has("most", "least", "top") and len(scan.names) == 1
    if not is_claim or found.thresholds or scan.has("than", "compare", "change", "why"):
        return None
    name = scan.names[0].names[0]
    if len(scan.names[0].names) != 1 or any(group not in (name.dimension, "user") for group in found.groups):
        return None
    scope = get_scope(found, names=())
    measures = found.measures[:1] or ("spend",)
    query = Query(
        measures=measures,
        by=(name.dimension,),
        where=scope.where,
        period=scope.period,
        order=Order(by=measures[0], descending=not scan.has("least")),
    )
    return Reading(kind=QuestionKind.MEASURE, query=query, premise=name.value, singular=True)
