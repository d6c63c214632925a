"""The query for figures: their measures, groups, order and limit."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from agents.language.findings import Findings, to_mean, to_percentiles
from agents.language.groups import COUNTS
from agents.language.rules.absent import RESTRICTING
from agents.language.rules.details.owner_times import is_of_one_owner, is_owner_over_time, leave_out_unowned
from agents.language.scan import Scan
from agents.language.scope import get_scope, is_negated, list_having
from workloads.query.query import MAX_MEASURES, Operator, Order, Query

EACH = frozenset({"each", "every", "jedes", "jede", "jeden", "jeder", "chaque", "cada"})
APART = RESTRICTING | {"in", "im", "dans", "en", "with", "mit", "avec", "con"}
"""Words that are said again before each name."""

OWNERS_OF = frozenset(("of", "in", "on", "from", "by", "for", "von", "des", "der", "de", "du", "del"))
GOOD = frozenset({"success_rate", "cache_share", "cache_saving"})
"""Measures of which more is better."""

WORST = frozenset(("worst", "schlechteste", "schlechtesten", "schlechtester", "pire", "pires", "peor", "peores"))
BEST = frozenset(
    (
        "best",
        "beste",
        "besten",
        "bester",
        "bestes",
        "meilleur",
        "meilleure",
        "meilleurs",
        "meilleures",
        "mejor",
        "mejores",
    )
)
OR = frozenset({"or", "oder", "ou", "o"})
DEFAULT_GROUPS = ("feature", "model", "team", "user", "api_key", "provider")
"""What spend is broken down by if the question does not say: the first that the log has several values of."""

POSSESSIVES = frozenset(("their", "its", "ihre", "deren", "leur", "leurs", "su", "sus"))


def asks_worst(scan: Scan) -> bool:
    return any(token.text in WORST for token in scan.tokens)


def build_query(found: Findings) -> Query:
    scan, scope = found.scan, get_scope(found)
    groups = found.groups or _default_groups(found) or _list_names_apart(found)
    is_trend = not groups and _asks_trend(found)
    if is_trend:
        groups = ("week",)
    if not groups and (_asks_daily_mean(found) or scan.has("running")):
        groups = ("day",)
    if not groups and scan.has("growth") and not scan.times:
        groups = ("week",)
    if _counts_within_groups(found, groups):
        found, groups = replace(found, measures=(COUNTS[groups[0]],)), groups[1:]
    if groups in (("weekday",), ("hour_of_day",)) and scan.list_names("statistics") == ["mean"]:
        groups = (*groups, "day")  # "spend per weekday on average": of its days
    statistics = () if is_of_one_owner(found, groups) else found.list_statistics(groups)
    measures = _choose_measures(found, groups, has_statistics=bool(statistics) or is_of_one_owner(found, groups))
    measures = measures if statistics else _rank_by_owner(found, groups, measures)
    separate = found.list_separate_groups()
    limit = found.find_limit() if groups and not statistics else None
    ranked = scan.ranked_share
    limit_share = ranked.share if ranked is not None and not ranked.field and groups and not statistics else None
    is_first = scan.has("most", "least") and bool(EACH & found.words)
    is_each = not statistics and found.is_ranked_within_groups(groups) and (limit is not None or is_first)
    is_each = is_each and limit_share is None
    is_ranked = scan.has("most", "least", "top", "rank", "drivers") and bool(groups) and not statistics
    is_ranked = is_ranked and not is_trend  # "is it getting more expensive?" names no first week
    choice = _find_choice(found) if groups and not statistics else ""
    is_least = scan.has("least") or choice == "less" or (ranked is not None and ranked.operator is Operator.LOWEST)
    if measures[0] in GOOD and (asks_worst(scan) or BEST & found.words):
        is_least = asks_worst(scan)
    if is_each:
        groups = (*groups[1:], groups[0])
    where = scope.where
    if is_owner_over_time(groups) and not (statistics or is_ranked or is_each or limit or found.thresholds):
        where = leave_out_unowned(groups, where)
    return Query(
        measures=measures[:MAX_MEASURES],
        by=found.order_statistic_groups(groups) if statistics else groups[:1] if separate else groups,
        where=where,
        having=() if found.counted_dimensions else list_having(found),
        period=scope.period,
        order=Order(by=measures[0], descending=not is_least) if is_ranked or limit or limit_share or choice else None,
        limit=None if is_each or limit_share else limit,
        limit_share=limit_share,
        limit_each=(limit or 1) if is_each else None,
        shares=scan.has("share") and bool(groups) and not found.thresholds,
        statistics=statistics,
    )


def _list_names_apart(found: Findings) -> tuple[str, ...]:
    """Return the dimension of "spend on A and on B" or "which is faster, A or B?", which ask for each figure."""
    scan = found.scan
    dimensions = {name.names[0].dimension for name in scan.names}
    if (
        len(dimensions) != 1
        or scan.has("total", "together", "share", "except")
        or is_negated(scan, scan.names[0].start)
    ):
        return ()
    starts = {span.start for span in scan.iter_spans("measures")}
    pairs = (range(one.end, two.start) for one, two in pairwise(scan.names))
    is_apart = any(
        any(place in starts or scan.tokens[place].text in APART for place in between)
        and any(scan.is_and(place) or "," in scan.tokens[place].gap for place in between)
        for between in pairs
    )
    return tuple(dimensions) if is_apart or _find_choice(found) else ()


def _find_choice(found: Findings) -> str:
    """Return "more" or "less" for "which is slower, A or B?" and "which is faster"; nothing for another question."""
    scan = found.scan
    is_choice = any(
        scan.tokens[place].text in OR for one, two in pairwise(scan.names) for place in range(one.end, two.start)
    )
    said = [span.concept.name for span in scan.iter_spans("directions")]
    return said[-1] if is_choice and said else ""


def _counts_within_groups(found: Findings, groups: Sequence[str]) -> bool:
    """Whether "users per team" asks how many users each team has."""
    is_bare = not found.measures and not found.thresholds and not found.scan.list_names("statistics")
    is_plain = not found.scan.has("most", "least", "top", "list", "rank", "share", "new", "gone", "instead_of_it")
    is_counted = is_bare and is_plain and groups[:1] != ("day",) and found.is_ranked_within_groups(groups)
    return is_counted and groups[0] in COUNTS


def _asks_daily_mean(found: Findings) -> bool:
    """What do weekends cost on average? The mean of their days."""
    scan = found.scan
    has_days = any(time.filter is not None and time.filter.field == "weekday" for time in scan.times)
    return has_days and scan.list_names("statistics") == ["mean"] and found.measures in (("spend",), ("requests",))


def _asks_trend(found: Findings) -> bool:
    """Is doc-search getting more expensive? Week by week shows it."""
    scan = found.scan
    is_change = scan.has("change", "rise", "fall") and not found.thresholds
    is_ranking = scan.has("most", "least") and not scan.has("change")
    is_open = all(time.start and not time.end and time.filter is None for time in scan.times)
    return is_change and is_open and not is_ranking and not scan.has("what_if", "goal") and bool(found.measures)


def _default_groups(found: Findings) -> tuple[str, ...]:
    """Return what "the top 5" are if the question does not say."""
    is_top = found.scan.has("top") and found.find_limit()
    if not (is_top or found.scan.has("drivers")) or found.scan.has("instead_of_it"):
        return ()
    known = [each for each in DEFAULT_GROUPS if each in found.scan.vocabulary.dimensions]
    return tuple([*(each for each in known if found.scan.vocabulary.has_several(each)), *known][:1])


def _choose_measures(found: Findings, groups: Sequence[str], *, has_statistics: bool) -> tuple[str, ...]:
    scan = found.scan
    measures = ("spend", *found.measures) if groups and _is_added(found) else found.measures
    if measures == ("failures",) and any(each.measure == "error_rate" for each in found.thresholds):
        measures = ("error_rate", "failures")  # "where do more than 5% of requests fail?"
    if found.counted_dimensions:
        counts = [COUNTS[name] for name in found.counted_dimensions]
        return tuple(dict.fromkeys((*counts, *(name for name in measures if name != "requests"))))
    if scan.has("unpriced") and set(measures) <= {"spend"}:
        measures = ("requests", "tokens")
    if not measures and scan.has("price") and scan.names:
        measures = ("cost_per_million_tokens",)  # "the price of gpt-4o": what was paid, whatever the list says
    ranked = scan.ranked_share
    if measures == ("spend",) and ranked is not None and ranked.field and not groups:
        measures = ("spend", "requests")
    if not measures and scan.has("caching"):
        measures = ("cache_share", "cached_tokens")
    if not measures and found.thresholds and not found.thresholds[0].is_row:
        measures = tuple(dict.fromkeys(each.measure for each in found.thresholds))
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
    named = scan.list_names("statistics")
    if has_statistics or not named:
        return measures
    if "mean" in named:
        measures = tuple(to_mean(name) for name in measures)
    return to_percentiles(scan, measures, is_whole=not groups)


def _is_added(found: Findings) -> bool:
    """Whether a figure is only wanted beside a ranking: "the top 3 features and their p95 latency"."""
    scan = found.scan
    return (
        scan.has("top")
        and bool(found.measures)
        and "spend" not in found.measures
        and not any(
            span.end in {m.start for m in scan.iter_spans("measures")} for span in scan.iter_spans("operators", "per")
        )
        and any(
            token.text in POSSESSIVES and scan.is_and(place - 1) for place, token in enumerate(scan.tokens) if place
        )
    )


def _is_ranked_by_measure(found: Findings) -> bool:
    """Whether the question says what the top ones are of: "the top 3 features by tokens"."""
    starts = {span.start for span in found.scan.iter_spans("measures")}
    return any(span.end in starts for span in found.scan.iter_spans("operators", "per"))


def _rank_by_owner(found: Findings, groups: Sequence[str], measures: tuple[str, ...]) -> tuple[str, ...]:
    """Return spend first for "latency of the most expensive feature", which is the one with the highest spend."""
    scan = found.scan
    spans = [span for kind in ("dimensions", "grains") for span in scan.iter_spans(kind)]
    if len(groups) != 1 or len(spans) != 1:
        return measures
    ranks = [span for span in scan.iter_spans("operators") if span.concept.name in ("most", "least")]
    start = end = spans[0].start
    for rank in reversed(ranks):  # "the most" and "expensive"
        start = rank.start if rank.end == start else start
    before = {token.text for token in scan.tokens[max(start - 2, 0) : start]}
    if start == end or not OWNERS_OF & before:
        return measures
    own = {span.concept.name for span in scan.iter_spans("measures") if start <= span.start < end}
    first = [name for name in measures if name in own or name.removesuffix("_p95") in own]
    if not first and "spend" in own:
        return tuple(dict.fromkeys(("spend", *(name for name in measures if name != "failed_spend"))))
    return tuple(dict.fromkeys((*first, *measures)))
