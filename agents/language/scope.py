"""The requests that a question is about: names, periods and other conditions as filters of a query."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from agents.language.findings import Findings
from agents.language.groups import MODELS_OF, OWNERS, QUOTES, is_excepted_mark, is_nobody
from agents.language.lexicon import Span
from agents.language.numbers import FIELD_OF_MEASURE
from agents.language.phrases.cache_uses import uses_cache
from agents.language.scan import Scan, StatisticLimit
from agents.language.times.calendar import TimeSpan, list_days
from agents.language.vocabulary import NameSpan
from workloads.query.dimensions import FAILED, NOT_STREAMED, STREAMED, SUCCEEDED, UNPRICED
from workloads.query.query import MAX_VALUES, ROW_NUMBERS, Filter, Having, Operator, Period

UNOWNED = ("unattributed", "unassigned", "untagged", "nobody")
LINKS = frozenset(
    {
        "and",
        "or",
        "nor",
        "noch",
        "the",
        "a",
        "an",
        "und",
        "oder",
        "et",
        "ou",
        "y",
        "o",
        "le",
        "la",
        "les",
        "el",
        "los",
        "den",
        "die",
        "das",
    }
)
FAILURE_MEASURES = frozenset({"failures", "error_rate", "failed_spend"})
NEITHER = frozenset({"neither", "nor", "weder", "noch", "ni"})
PLACING = frozenset(
    {"in", "on", "at", "of", "for", "from", "by", "fur", "von", "bei", "mit", "pour", "de", "para", "con", "en"}
)
"""Prepositions that are said again after each of NEITHER."""

PREPOSITIONS = frozenset({"in", "on", "at", "of", "im", "am", "en"})
NOT = frozenset({"not", "nicht", "pas", "no", "outside", "ausserhalb", "neither", "weder", "ni"})


@dataclass(frozen=True, slots=True)
class QueryScope:
    """Filters and one period."""

    where: tuple[Filter, ...] = ()
    period: Period = field(default_factory=Period)


def get_scope(
    found: Findings, *, names: Iterable[NameSpan] | None = None, times: Iterable[TimeSpan] | None = None
) -> QueryScope:
    """Return the scope of a question; of these names and times only, if they are given."""
    scan = found.scan
    where: list[Filter] = []
    for name in scan.names if names is None else names:
        _add(where, to_filter(scan, name))
    period = Period()
    for time in scan.times if times is None else times:
        is_excluded = is_negated(scan, time.first)
        if time.filter is not None:
            _add(where, replace(time.filter, operator=Operator.IS_NOT if is_excluded else Operator.IS))
        elif is_excluded and time.start and time.end:
            days = tuple(list_days(time.start, time.end))
            _add(where, Filter(field="day", operator=Operator.IS_NOT, values=days))
        elif time.start or time.end:
            period = Period(start=time.period.start or period.start, end=time.period.end or period.end)
    for each in _iter_conditions(found):
        _add(where, each)
    return QueryScope(tuple(where), period)


def to_filter(scan: Scan, span: NameSpan) -> Filter:
    operator = Operator.IS_NOT if is_negated(scan, span.start) else Operator.IS
    values = tuple(name.value for name in span.names)
    return Filter(field=span.names[0].dimension, operator=operator, values=values[:MAX_VALUES])


def is_negated(scan: Scan, place: int) -> bool:
    """Whether "except", "without" or "not" stands before a name, with only names and small words between."""
    if place > 1 and scan.tokens[place - 1].text in PREPOSITIONS:
        before = scan.tokens[place - 2].text
        place -= before in NOT or any(span.end == place - 1 for span in scan.iter_spans("operators", "except"))
    excluding = {at for span in scan.iter_spans("operators", "except") for at in range(span.start, span.end)}
    named = {at for name in scan.names for at in range(name.start, name.end)}
    named |= _list_models_of(scan)
    named |= {at for time in scan.times for at in range(time.first, time.last)}
    named |= {
        span.start for span in scan.iter_spans("dimensions") if span.end - span.start == 1
    }  # "without the team X"
    named |= {at for at, token in enumerate(scan.tokens) if token.text in QUOTES}
    for at in range(place - 1, -1, -1):
        word = scan.tokens[at].text
        if at in excluding or word in NOT:
            return True
        is_joint = at > 0 and word in PLACING and scan.tokens[at - 1].text in NEITHER  # "weder für A noch für B"
        if word not in LINKS and at not in named and not is_joint:
            return False
    return False


def _list_models_of(scan: Scan) -> set[int]:
    """Return the places of "models of", which only say what a name is: "sin los modelos de Claude"."""
    spans = list(scan.iter_spans("dimensions", "model"))
    places = {at for span in spans for at in range(span.start, span.end)}
    ends = {span.end for span in spans}
    return places | {at for at in ends if at < len(scan.tokens) and scan.tokens[at].text in MODELS_OF}


def list_having(found: Findings) -> tuple[Having, ...]:
    """Return the conditions on groups: "users who spent more than one dollar"."""
    stated = tuple(
        Having(measure=each.measure, operator=each.operator, value=each.value)
        for each in found.thresholds
        if each.measure and not each.is_row
    )
    if not found.groups and not found.counted_dimensions:
        return stated
    measure = next(iter(found.measures), "spend")
    return (
        *stated,
        *(
            Having(measure=measure, operator=each.operator, value=each.factor, than=each.than)
            for each in found.scan.statistic_limits
        ),
    )


def _iter_conditions(found: Findings) -> Iterator[Filter]:
    scan = found.scan
    nobody = [span.concept.name for span in scan.iter_spans("dimensions") if is_nobody(scan, span)]
    if not nobody and any(_is_unowned(scan, span) for span in scan.iter_spans("operators", "nobody")):
        nobody = [each for each in OWNERS if each in scan.vocabulary.dimensions][:1]
    yield from (Filter(field=dimension, values=(None,)) for dimension in nobody)
    if scan.has("failed") and found.measures and not FAILURE_MEASURES.intersection(found.measures):
        yield Filter(field="status", values=(FAILED,))
    if {"requests", "cached_tokens"} <= set(found.measures) and scan.has("how_many") and _is_from_cache(scan):
        yield Filter(field="cached_tokens", operator=Operator.ABOVE, values=(0,))
    if scan.has("succeeded"):
        yield Filter(field="status", values=(SUCCEEDED,))
    if scan.has("unpriced") and "pricing" in scan.vocabulary.dimensions:
        yield Filter(field="pricing", values=(UNPRICED,))
    if not found.groups and not found.counted_dimensions and "requests" in found.measures:
        yield from (_to_multiple(found, each) for each in scan.statistic_limits)
    if scan.has("streamed") and "streaming" in scan.vocabulary.dimensions:
        yield Filter(field="streaming", values=(STREAMED,))
    if scan.has("unstreamed") and "streaming" in scan.vocabulary.dimensions:
        yield Filter(field="streaming", values=(NOT_STREAMED,))
    yield from _leave_out_free(scan)
    left_out = [span.concept.name for span in scan.iter_spans("dimensions") if is_excepted_mark(scan, span)]
    yield from (Filter(field=e, operator=Operator.IS_NOT, values=(scan.vocabulary.marks[e],)) for e in left_out)
    contained = _find_contained(found)
    if contained is not None:
        yield contained
    ranked = scan.ranked_share
    if ranked is not None and ranked.field:
        yield Filter(field=ranked.field, operator=ranked.operator, values=(ranked.share,))
    for each in found.thresholds:
        if each.is_row and each.measure in (*FIELD_OF_MEASURE.values(), *ROW_NUMBERS):
            yield Filter(field=each.measure, operator=each.operator, values=(each.value,))


def _leave_out_free(scan: Scan) -> Iterator[Filter]:
    """Yield the filter of "paid requests": not what the log calls free, or else those that cost something."""
    if not scan.has("billed"):
        return
    free = scan.vocabulary.by_tokens.get(("free",), ())[:1]
    if free:
        yield Filter(field=free[0].dimension, operator=Operator.IS_NOT, values=(free[0].value,))
    else:
        yield Filter(field="spend", operator=Operator.ABOVE, values=(0,))


def _is_from_cache(scan: Scan) -> bool:
    """Whether requests are said to be cached: "how many calls were served from the cache?"."""
    names = scan.list_names("measures")
    return "requests" in names and ("cache_share" in names or uses_cache(scan))


def _to_multiple(found: Findings, limit: StatisticLimit) -> Filter:
    """Return "more than ten times the mean" as a limit on single requests."""
    fields = {**FIELD_OF_MEASURE, **dict.fromkeys(("latency_mean", "latency_p50", "latency_p95"), "latency_ms")}
    field = next((fields[name] for name in found.measures if name in fields and name != "requests"), "spend")
    return Filter(field=field, operator=limit.operator, values=(limit.factor,), than=limit.than)


def _is_unowned(scan: Scan, span: Span) -> bool:
    words = [token.text for token in scan.tokens[span.start : span.end]]
    return words[0] in UNOWNED or words[-1] == "owner"


def _find_contained(found: Findings) -> Filter | None:
    """Keys whose name contains 'prod'."""
    scan = found.scan
    span = next(scan.iter_spans("operators", "contains"), None)
    dimension = next((each for each in found.groups if each in scan.vocabulary.dimensions), None)
    if span is None or dimension is None or span.end >= len(scan.tokens):
        return None
    word = next((token.raw for token in scan.tokens[span.end :] if token.is_word and token.text not in LINKS), None)
    return None if word is None else Filter(field=dimension, operator=Operator.CONTAINS, values=(word,))


def merge_filters(one: Filter, other: Filter) -> Filter:
    return replace(one, values=tuple(dict.fromkeys((*one.values, *other.values))))


def _add(where: list[Filter], new: Filter) -> None:
    """Add a filter; values of one dimension are alternatives."""
    for place, known in enumerate(where):
        if known.field == new.field and known.operator == new.operator:
            where[place] = merge_filters(known, new)
            return
    where.append(new)
