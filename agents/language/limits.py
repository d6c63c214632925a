"""Limits without a number of their own: comparisons with a statistic, "more than the average day", "above the median";
and shares by a rank, "the slowest 10% of requests", "the top 10% of users".

What belongs to one is taken out of the scan, so that "average" is not asked for and "10%" is no goal."""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from types import MappingProxyType

from agents.language.lexicon import Span
from agents.language.numbers import FIELD_OF_MEASURE, OPERATORS
from agents.language.scan import NumberSpan, RankedShare, Scan, StatisticLimit
from workloads.query.query import Operator, Statistic

MAX_LOOKED_AT = 8
"""Statistics and percentages of a question among which limits are looked for. It keeps the effort linear."""

MAX_PERCENT = 100
MAX_BACK = 6
"""Tokens between a comparison and its statistic: "more than twice that of the average"."""

MAX_DIRECTION = 8
"""Tokens between "more" and "than": "a higher error rate than average"."""

MAX_NOUN = 3
"""Tokens between a percentage and what it is a share of: "10% of all the requests"."""

TIMES = frozenset({"times", "x", "mal", "fois", "veces"})
PERCENT = frozenset({"%", "percent", "prozent", "pour", "por", "cent", "ciento", "per"})
UP = frozenset({"more", "rise", "most", "above", "at_least"})
DOWN = frozenset({"less", "fall", "least", "below", "at_most"})
RANKS = frozenset({"most", "least", "top"})
MULTIPLES: Mapping[str, Decimal] = MappingProxyType({"double": Decimal(2), "triple": Decimal(3)})
COMPARISONS = frozenset({*UP, *DOWN, *MULTIPLES, "than", "compare", "share"})
FEWER = frozenset({"fewer"})
"""What compares numbers, and ranks nothing: "10% fewer requests"."""

BOTTOM = frozenset({"bottom", "lowest"})
LONG = frozenset({"longest", "shortest", "langsten", "kurzesten", "longues", "longs", "largas"})
NOUNS: Mapping[str, str] = MappingProxyType(
    {
        "requests": "",
        "input_tokens": "input_tokens",
        "output_tokens": "output_tokens",
        "input_per_request": "input_tokens",
        "output_per_request": "output_tokens",
    }
)
"""Measures that stand for requests, and the number of a request that "longest" ranks them by."""

FIELDS: Mapping[str, str] = MappingProxyType(
    {**FIELD_OF_MEASURE, "latency": "latency_ms", "first_token": "first_token_ms"}
)


def take_limits(scan: Scan) -> None:
    """Move the limits of a scan from its spans and numbers to `statistic_limits` and `ranked_share`."""
    for span in list(islice(scan.iter_spans("statistics"), MAX_LOOKED_AT)):
        limit = _find_statistic_limit(scan, span)
        if limit is not None:
            scan.statistic_limits.append(limit)
            _remove(scan, limit.start, limit.end, operators=COMPARISONS, kinds=("directions", "statistics", "numbers"))
    share = next(_iter_ranked_shares(scan), None)
    if share is not None:
        scan.ranked_share = share
        is_group = not share.field
        kinds = ("directions",) if is_group else ("directions", "measures")
        _remove(scan, share.start, share.end, operators={"share"} if is_group else {*RANKS, "share"}, kinds=kinds)


def _remove(scan: Scan, start: int, end: int, *, operators: Collection[str], kinds: Collection[str]) -> None:
    """Remove operators and concepts of these kinds, and all numbers, that stand between two places."""
    scan.spans = [
        span
        for span in scan.spans
        if not start <= span.start < end
        or not (span.concept.kind in kinds or (span.concept.kind == "operators" and span.concept.name in operators))
    ]
    scan.numbers = [number for number in scan.numbers if not start <= number.start < end]


def _find_statistic_limit(scan: Scan, statistic: Span) -> StatisticLimit | None:
    """Return the limit that ends with a statistic: from "more" to "average"."""
    found = _find_comparison(scan, statistic.start)
    if found is None:
        return None
    comparison, factor = found
    operator, start = OPERATORS.get(comparison.concept.name), comparison.start
    if operator is None:
        direction = _find_direction(scan, comparison.start)
        if direction is None:
            return None
        start = direction.start
        operator = Operator.ABOVE if direction.concept.name in UP else Operator.BELOW
    more = next((n for n in scan.numbers if n.is_percent and 0 < start - n.end <= 2), None)
    if more is not None:
        share = more.value / MAX_PERCENT
        factor, start = (1 + share if operator is Operator.ABOVE else 1 - share), more.start
        start = next((span.start for span in scan.iter_spans("operators", "at_least") if span.end == start), start)
    return StatisticLimit(start, statistic.end, operator, Statistic(statistic.concept.name), factor)


def _find_comparison(scan: Scan, place: int) -> tuple[Span, Decimal] | None:
    """Return the comparison before a statistic, with the factor between them: "more than twice the"."""
    factor = Decimal(1)
    for at in range(place, max(place - MAX_BACK, 0), -1):
        spans = [span for span in scan.iter_spans("operators") if span.end == at]
        limit = next((span for span in spans if span.concept.name in OPERATORS), None)
        limit = limit or next((span for span in spans if span.concept.name == "than"), None)
        if limit is not None:
            return limit, factor
        multiple = next((MULTIPLES[s.concept.name] for s in spans if s.concept.name in MULTIPLES), None)
        number = next((n for n in scan.numbers if n.start == at - 1 and not n.is_percent), None)
        if multiple is not None or number is not None:
            factor = multiple or (number.value if number is not None else factor)
        elif scan.tokens[at - 1].text not in TIMES and not scan.are_small(at - 1, at):
            return None
    return None


def _find_direction(scan: Scan, place: int) -> Span | None:
    """Return the nearest word before "than" that says whether more or less is meant."""
    spans = [
        span
        for kind in ("operators", "directions")
        for span in scan.iter_spans(kind)
        if 0 <= place - span.end <= MAX_DIRECTION and span.concept.name in UP | DOWN
    ]
    return max(spans, key=lambda span: (span.end, span.concept.kind == "directions"), default=None)


def _iter_ranked_shares(scan: Scan) -> Iterator[RankedShare]:
    for number in islice((each for each in scan.numbers if each.is_percent), MAX_LOOKED_AT):
        end = number.end
        while end < len(scan.tokens) and scan.tokens[end].text in PERCENT:
            end += 1
        noun = _find_noun(scan, end)
        rank = _find_rank(scan, number, end, noun) if 0 < number.value <= MAX_PERCENT else None
        if rank is None:
            continue
        noun = noun or _find_noun(scan, rank.end)
        if noun is None and rank.concept.name == "top":
            continue
        start, last = min(number.start, rank.start), max(end, rank.end, noun.end if noun else 0)
        words = frozenset(token.text for token in scan.tokens[start:last])
        is_lowest = rank.concept.name == "least" or bool(words & BOTTOM)
        is_group = noun is not None and noun.concept.kind != "measures"
        yield RankedShare(
            start,
            last,
            number.value / MAX_PERCENT,
            Operator.LOWEST if is_lowest else Operator.HIGHEST,
            "" if is_group else _find_field(scan, rank, noun, words),
        )


def _find_noun(scan: Scan, place: int) -> Span | None:
    """Return what a share is of, requests, prompts or a dimension, which follows after small words only."""
    for kind in ("dimensions", "grains", "measures"):
        for span in scan.iter_spans(kind):
            is_noun = kind != "measures" or span.concept.name in NOUNS
            if is_noun and 0 <= span.start - place <= MAX_NOUN and scan.are_small(place, span.start):
                return span
    return None


def _find_rank(scan: Scan, number: NumberSpan, end: int, noun: Span | None) -> Span | None:
    """Return the rank of "the slowest 10%", "top 5% most expensive" or "10 % des requêtes les plus lentes"."""
    spans = [
        s for s in scan.iter_spans("operators") if s.concept.name in RANKS and scan.tokens[s.start].text not in FEWER
    ]
    before = [s for s in spans if 0 <= number.start - s.end <= 1 and scan.are_small(s.end, number.start)]
    after = [s for s in spans if s.start == end or (noun is not None and _follows(scan, noun, s))]
    return next((span for span in (*after, *before) if span.concept.name != "top"), next(iter(before), None))


def _follows(scan: Scan, noun: Span, rank: Span) -> bool:
    return 0 <= rank.start - noun.end <= 1 and scan.are_small(noun.end, rank.start)


def _find_field(scan: Scan, rank: Span, noun: Span | None, words: frozenset[str]) -> str:
    """Return the number of a request that a share is ranked by: spend, unless the words say otherwise."""
    for span in scan.iter_spans("operators", "per"):
        after = (each for each in scan.iter_spans("measures") if each.start == span.end >= rank.end)
        measure = next((each.concept.name for each in after if each.concept.name in FIELDS), None)
        if measure is not None:
            return FIELDS[measure]
    named = NOUNS.get(noun.concept.name, "") if noun is not None else ""
    ranked = (span.concept.name for span in scan.iter_spans("measures") if rank.start <= span.start < rank.end)
    if named or "latency" in ranked:
        return named or "latency_ms"
    return "latency_ms" if words & LONG else "spend"
