"""Plain questions: figures, rankings, shares and lists of requests."""

from collections.abc import Sequence
from dataclasses import replace

from agents.language.findings import COUNTS, Findings, is_nobody, is_share, to_mean
from agents.language.reading import Kind, Reading
from agents.language.scope import get_scope, is_negated, list_having
from workloads.query.dimensions import FAILED, STREAMED
from workloads.query.measures import MEASURES
from workloads.query.query import MAX_MEASURES, Filter, Order, Query

DEFAULT_LIMIT = 10
LATENCY_RANKS = frozenset({"slowest", "fastest", "langsamsten", "langsamste", "latency", "lentes", "lentas"})


def read_requests(found: Findings) -> Reading | None:
    """List single requests: "the 10 most expensive requests"."""
    scan = found.scan
    listed = {"requests", "failures", "input_tokens"}.intersection(found.measures)
    if found.groups or not listed or scan.has("how_many", "share") or not scan.has("list", "most", "least", "top"):
        return None
    scope = get_scope(found)
    is_failed = "failures" in found.measures or scan.has("failed")
    where = (*scope.where, Filter(field="status", values=(FAILED,))) if is_failed else scope.where
    is_single = scan.has("most", "least") and "request" in found.words
    query = Query(where=where, period=scope.period, limit=found.find_limit() or (1 if is_single else DEFAULT_LIMIT))
    return Reading(kind=Kind.REQUESTS, query=query, order_by=_find_order(found), singular=not scan.has("least"))


def _find_order(found: Findings) -> str:
    if found.words & LATENCY_RANKS:
        return "latency_ms"
    return next((name for name in ("input_tokens", "output_tokens", "tokens") if name in found.measures), "spend")


def read_share(found: Findings) -> Reading | None:
    """What share of spend is gpt-4o? All models with their shares; the answer shows the ones that were named."""
    scan = found.scan
    if not scan.has("share") or found.groups or any(is_share(name) for name in found.measures):
        return None
    if "failed_spend" in found.measures or len(found.measures) > 1:
        return _read_ratio(found)
    dimension, focus = _find_focus(found)
    measures = tuple(name for name in found.measures or ("spend",) if MEASURES[name].is_sum)
    if not dimension or not measures:
        return None
    scope = get_scope(found, names=[name for name in scan.names if name.names[0].dimension != dimension])
    where = tuple(each for each in scope.where if each.field != dimension)
    query = Query(measures=measures, by=(dimension,), where=where, period=scope.period, shares=True)
    return Reading(kind=Kind.MEASURE, query=query, focus=focus)


def _find_focus(found: Findings) -> tuple[str, tuple[str | None, ...]]:
    """Return the dimension whose share is asked for, and its values."""
    scan = found.scan
    nobody = [span.concept.name for span in scan.iter_spans("dimensions") if is_nobody(scan, span)]
    if nobody:
        return nobody[0], (None,)
    named = [name for name in scan.names if not is_negated(scan, name.start)]
    if named:
        dimension = named[0].names[0].dimension
        return dimension, tuple(n.value for span in named for n in span.names if n.dimension == dimension)
    if scan.has("streamed") and "streaming" in scan.vocabulary.dimensions:
        return "streaming", (STREAMED,)
    return "", ()


def _read_ratio(found: Findings) -> Reading | None:
    """What fraction of our tokens are output tokens? The part first, then the whole."""
    whole = next((name for name in ("spend", "tokens", "requests") if name in found.measures), None)
    part = next((name for name in found.measures if name != whole), None)
    if part == "failed_spend":
        whole = "spend"
    if part is None or whole is None or MEASURES[part].unit != MEASURES[whole].unit:
        return None
    scope = get_scope(found)
    query = Query(measures=(part, whole), where=scope.where, period=scope.period)
    return Reading(kind=Kind.MEASURE, query=query, is_ratio=True)


def read_figures(found: Findings) -> Reading:
    """Measures of all requests in question, or of groups of them."""
    scan = found.scan
    query = build_query(found)
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
        kind=Kind.MEASURE,
        query=query,
        singular=scan.has("most", "least") and bool(query.by) and query.limit is None,
        together=scan.has("together"),
        claimed=_find_claimed(found, query),
        rest=_list_further(found, query),
        is_fragment=is_fragment(found),
    )


def _find_claimed(found: Findings, query: Query) -> int | None:
    """Return the 12 of "we have twelve teams": a number of groups that is no limit."""
    if query.limit is not None or not query.by:
        return None
    spans = [span for span in found.scan.iter_spans("dimensions") if span.concept.name == query.by[0]]
    numbers = (n for n in found.scan.numbers if any(span.start == n.end for span in spans))
    return next((int(n.value) for n in numbers if n.value == n.value.to_integral()), None)


def is_fragment(found: Findings) -> bool:
    """Whether the question says only a part of what is asked, and may belong to the one before."""
    scan = found.scan
    starts_with_and = scan.get_place("also") == 0
    return not found.measures or scan.has("instead_of_it", "reset", "pronoun") or starts_with_and


def build_query(found: Findings) -> Query:
    scan, scope = found.scan, get_scope(found)
    groups = found.groups or _default_groups(found)
    statistics = found.list_statistics(groups)
    measures = _choose_measures(found, groups, has_statistics=bool(statistics))
    separate = found.list_separate_groups()
    is_ranked = scan.has("most", "least", "top", "rank") and bool(groups) and not statistics
    return Query(
        measures=measures[:MAX_MEASURES],
        by=groups[:1] if statistics or separate else groups,
        where=scope.where,
        having=() if found.counted else list_having(found),
        period=scope.period,
        order=Order(by=measures[0], descending=not scan.has("least")) if is_ranked else None,
        limit=found.find_limit() if groups and not statistics else None,
        shares=scan.has("share") and bool(groups),
        statistics=statistics,
    )


def _default_groups(found: Findings) -> tuple[str, ...]:
    """Return what "the top 5" are if the question does not say."""
    if not (found.scan.has("top") and found.find_limit()) or found.scan.has("instead_of_it"):
        return ()
    return tuple(each for each in ("feature", "model") if each in found.scan.vocabulary.dimensions)[:1]


def _choose_measures(found: Findings, groups: Sequence[str], *, has_statistics: bool) -> tuple[str, ...]:
    scan = found.scan
    measures = found.measures
    if found.counted:
        counts = [COUNTS[name] for name in found.counted]
        return tuple(dict.fromkeys((*counts, *(name for name in measures if name != "requests"))))
    if not measures:
        percentiles = [f"latency_{each}" for each in scan.list_names("statistics") if each.startswith("p")]
        is_error = "error" in groups or scan.has("failed", "what_failed")
        is_error = is_error or any(name.names[0].dimension == "error" for name in scan.names)
        measures = (
            tuple(percentiles)
            if percentiles and not groups
            else ("failures", "failed_spend")
            if is_error
            else ("spend", "requests")
        )
    if not has_statistics and "mean" in scan.list_names("statistics"):
        return tuple(to_mean(name) for name in measures)
    return measures


def _list_further(found: Findings, query: Query) -> tuple[Reading, ...]:
    """Return further questions in the same sentence: another dimension, or how many groups meet a condition."""
    having = list_having(found)
    if found.counted and having:
        by = next((name for name in found.counted if name != "day"), "user")
        measure = having[0].measure
        others = replace(query, measures=(measure,), by=(by,), having=having, order=Order(by=measure))
        return (Reading(kind=Kind.MEASURE, query=others),)
    separate = found.list_separate_groups()
    return tuple(Reading(kind=Kind.MEASURE, query=replace(query, by=(name,))) for name in separate[1:])
