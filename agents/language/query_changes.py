"""Follow-ups of earlier questions: the previous one, changed by what the new one names."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time

from agents.language.findings import find_rank
from agents.language.reading import QuestionKind, Reading, SupposedChange, Turn
from agents.language.rules.superlatives import is_bare_superlative
from agents.language.rules.turns.further_measures import name_measures
from agents.language.scan import Scan
from agents.language.times.calendar import DAY_AFTER, DAY_BEFORE, WHOLE, TimeSpan
from agents.language.times.shifts import names_length, shift
from workloads.query.dimensions import FAILED, get_dimension
from workloads.query.query import ROW_NUMBERS, Filter, Operator, Order, Period, Query

NEXT = frozenset({"next", "runner", "nachste", "suivant", "suivante", "siguiente"})
PREVIOUS = frozenset({"previous", "prior", "preceding", "vorige", "vorigen", "vorherige", "vorherigen"})
SINGULAR = frozenset({"it", "that", "he", "she", "him", "her", "es", "er", "sie", "ihm", "il", "elle", "lui", "ella"})
"""Pronouns that stand for what the answer before was about."""

MAX_RANK_TOKENS = 8
"""Tokens of "and what about the second one?"."""


def merge_what_if(scan: Scan, reading: Reading, previous: Reading) -> Reading | None:
    """And to gpt-4o-mini? Another target for the same requests. What if it moved there? The requests asked about."""
    is_alone = reading.kind is QuestionKind.WHAT_IF and reading.query.where == () and reading.query.period == Period()
    if is_alone and previous.kind in (QuestionKind.MEASURE, QuestionKind.REQUESTS) and scan.has("pronoun"):
        about = Query(where=previous.query.where, period=previous.query.period, zone=reading.query.zone)
        return replace(reading, query=about)
    if previous.kind is not QuestionKind.WHAT_IF or previous.supposition is None:
        return None
    is_other = reading.query.where or previous.supposition.change is not SupposedChange.MODEL
    if reading.kind is QuestionKind.WHAT_IF and is_other:
        return None
    models = [name.value for span in scan.names for name in span.names if name.dimension == "model"]
    if len(models) != 1:
        return None
    return replace(previous, supposition=replace(previous.supposition, model=models[0]))


def list_requests_again(scan: Scan, reading: Reading, last: Turn) -> Reading | None:
    """And the slowest requests? Those of the question before. "List the 3 slowest requests" is a question by itself."""
    is_ranked = scan.has("most", "least", "top", "latest", "earliest")
    if is_ranked and not (scan.get_place("also") == 0 or scan.has("pronoun", "only")):
        return None
    new, old = reading.query, last.reading.query
    where = _add_subject(add_filters(old.where, new.where), scan, last)
    period = new.period if new.period != Period() else old.period
    return replace(reading, query=replace(new, where=where, period=period))


def rank_again(scan: Scan, previous: Reading) -> Reading | None:
    """And the second? Another place of the ranking before."""
    rank = find_rank(scan, is_alone=True)
    if rank is None and NEXT.intersection(token.text for token in scan.tokens) and previous.rank is not None:
        rank = previous.rank + 1
    query = previous.query
    is_ranking = previous.kind is QuestionKind.REQUESTS or (
        previous.kind is QuestionKind.MEASURE and query.by and not (query.statistics or query.limit_each)
    )
    asked = {span.start for span in scan.iter_spans("operators", "asks_who")}
    groups = {span.concept.name for span in scan.iter_spans("dimensions") if span.start not in asked}
    ranks_alike = scan.has("most", "least") and query.measures[0] == "spend"  # "and the second cheapest?"
    others = set(scan.list_names("measures")) - ({"spend"} if ranks_alike else set())
    is_other = scan.names or scan.times or others or scan.list_names("grains")
    if rank is None or not is_ranking or is_other or not groups <= set(query.by) or len(scan.tokens) > MAX_RANK_TOKENS:
        return None
    is_list = previous.kind is QuestionKind.REQUESTS
    limit = max(query.limit, rank) if query.limit else rank if is_list else None
    order = query.order or (None if is_list else Order(by=query.measures[0]))
    if order is not None and ranks_alike:
        order = replace(order, descending=not scan.has("least"))
    query = replace(query, limit=limit, order=order, shares=False)
    return replace(
        previous, query=query, rank=rank, premise="", claimed=None, claim=None, focus=(), rest=(), whether=False
    )


def merge_query(scan: Scan, reading: Reading, last: Turn) -> Reading:
    """Return the previous question with the parts that the new one names."""
    previous, new = last.reading, reading.query
    old = previous.query
    where = add_filters(() if scan.has("reset") else old.where, new.where)
    is_failed_only = _asks_failed_only(scan)
    where = add_filters(where, (Filter(field="status", values=(FAILED,)),)) if is_failed_only else where
    where = _add_subject(where, scan, last)
    compared = _list_compared(scan, old, new)
    where = (*(each for each in where if each.field not in {one.field for one in compared}), *compared)
    measures = old.measures if is_failed_only else name_measures(scan, old, new)
    groups = new.by if new.by and not (old.by and _has_default_groups(scan)) else old.by
    groups = tuple(each.field for each in compared) or groups
    is_whole = any(each.label == WHOLE for each in scan.times)
    period = new.period if is_whole or new.period != Period() else old.period
    period = _shift_period(scan, old.period) or period
    order, limit = _merge_ranking(scan, last.reading, new, measures=measures, groups=groups)
    query = Query(
        measures=measures,
        by=groups,
        where=where,
        having=new.having or old.having,
        period=period,
        zone=old.zone,
        order=order,
        limit=limit,
        shares=new.shares or (old.shares and not new.by) or (scan.has("share") and bool(groups)),
        statistics=new.statistics or (() if new.by or scan.has("list", "most", "least", "top") else old.statistics),
    )
    focus = previous.focus if query.by == old.by and query.shares else ()
    return replace(
        previous,
        kind=QuestionKind.MEASURE if new.by else previous.kind,
        query=query,
        focus=focus,
        premise="",
        claimed=None,
        claim=None,
        rank=None,
        rest=(),
        is_fragment=False,
        quotient=reading.quotient or previous.quotient,
        descending=reading.descending if reading.quotient else previous.descending,
        singular=reading.singular,
    )


def _asks_failed_only(scan: Scan) -> bool:
    """Whether "only the failed ones" asks for the same figures of failed requests."""
    named = set(scan.list_names("measures"))
    is_failed = scan.has("failed") or "failures" in named
    return is_failed and scan.has("only") and named <= {"failures", "requests"} and not scan.has("how_many", "share")


def _list_compared(scan: Scan, old: Query, new: Query) -> tuple[Filter, ...]:
    """Return the names of both questions where the new one compares: "compared with Support"."""
    if not scan.has("compare") or new.by:
        return ()
    pairs = ((each, one) for each in new.where for one in old.where if one.field == each.field)
    return tuple(
        Filter(field=one.field, values=tuple(dict.fromkeys((*one.values, *each.values))))
        for each, one in pairs
        if {one.operator, each.operator} == {Operator.IS} and one.field not in ROW_NUMBERS
    )[:1]


def _shift_period(scan: Scan, old: Period) -> Period | None:
    """Return the period of "and the week before?", "and the previous 7 days?" or "and the one after?"."""
    shifted = next((each for each in scan.times if _is_shift(scan, each)), None)
    if shifted is None or old.start is None or old.end is None:
        return None
    said = {token.text for token in scan.tokens[shifted.first : shifted.last]}
    start, end = old.start.date(), old.end.date()
    days = shifted.count or (1 if names_length(said) else 0)
    sign = 1 if shifted.label == DAY_AFTER else -1
    if days:
        edge = end if sign > 0 else start
        other = shift(edge, said, sign * days)
    else:
        is_month = start.day == 1 and end.day == 1
        edge = end if sign > 0 else start
        other = shift(edge, {"month"} if is_month else {"day"}, sign * _count_units(start, end, is_month=is_month))
    first, last = sorted((edge, other))
    return Period(start=datetime.combine(first, time()), end=datetime.combine(last, time()))


def _is_shift(scan: Scan, span: TimeSpan) -> bool:
    """Whether a period is named by the one before. "The previous week" is, after a week."""
    said = {token.text for token in scan.tokens[span.first : span.last]}
    is_previous = (span.label == "last" or span.count > 0) and bool(PREVIOUS & said)
    return span.label in (DAY_BEFORE, DAY_AFTER) or is_previous


def _count_units(start: date, end: date, *, is_month: bool) -> int:
    return (end.year - start.year) * 12 + end.month - start.month if is_month else (end - start).days


def _merge_ranking(
    scan: Scan, previous: Reading, new: Query, *, measures: Sequence[str], groups: Sequence[str]
) -> tuple[Order | None, int | None]:
    """Return the order and the limit of the new query. Both belong to groups, a limit also to a list of requests."""
    old = previous.query
    is_over_time = bool(new.by) and get_dimension(new.by[0]).is_time
    # Days and weeks stand in their own order, and "spend by user" says itself how many are meant.
    is_whole_table = bool(new.by) and (bool(scan.list_names("measures")) or previous.kind is QuestionKind.REQUESTS)
    is_ranked_anew = is_over_time or is_whole_table
    limit = new.limit or _first_number(scan) or (None if is_ranked_anew else old.limit)
    order = new.order or (None if is_ranked_anew else old.order)
    if order is not None and order.by not in (*measures, *groups):
        order = replace(order, by=measures[0])
    if order is not None and new.order is None and scan.has("most", "least"):
        order = replace(order, descending=not scan.has("least"))
    if order is None and groups and is_bare_superlative(scan):
        order = Order(by=measures[0], descending=not scan.has("least"))
    if limit and groups and order is None:
        order = Order(by=measures[0])
    return order if groups else None, limit if groups or previous.kind is QuestionKind.REQUESTS else None


def add_filters(where: tuple[Filter, ...], new: Sequence[Filter]) -> tuple[Filter, ...]:
    """Return the filters of the question before, changed by those of the new one."""
    for each in new:
        where = _add_or_replace(where, each)
    return where


def _add_or_replace(where: tuple[Filter, ...], new: Filter) -> tuple[Filter, ...]:
    """A name replaces those of the same dimension, unless the new filter excludes something."""
    if new.operator in (Operator.IS_NOT, Operator.LACKS):
        return (*where, new)
    return (*(each for each in where if each.field != new.field), new)


def _add_subject(where: tuple[Filter, ...], scan: Scan, last: Turn) -> tuple[Filter, ...]:
    """Who uses it? "It" is what the previous answer was about."""
    words = {token.text for token in scan.tokens}
    if last.subject is None or not words & SINGULAR or scan.names:
        return where
    dimension, value = last.subject
    if get_dimension(dimension).is_time or dimension in scan.list_names("dimensions"):
        return where  # "the heaviest users of it" are not of one user
    return (*(each for each in where if each.field != dimension), Filter(field=dimension, values=(value,)))


def _has_default_groups(scan: Scan) -> bool:
    """Whether "top 3" does not say of what."""
    return scan.has("top") and not scan.list_names("dimensions") and not scan.list_names("grains")


def _first_number(scan: Scan) -> int | None:
    if not scan.has("instead_of_it", "only", "top"):
        return None
    return next(
        (int(n.value) for n in scan.numbers if not n.is_percent and n.value == n.value.to_integral() and n.value > 0),
        None,
    )
