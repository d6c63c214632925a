"""Thresholds in a question: "more than 20,000 prompt tokens", "over 30 seconds", "above $1"."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from agents.language.lexicon import Span
from agents.language.numbers import CENTS
from agents.language.scan import NumberSpan, Scan
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Operator

SCALES = {
    "k": Decimal(1_000),
    "thousand": Decimal(1_000),
    "m": Decimal(1_000_000),
    "million": Decimal(1_000_000),
    "mio": Decimal(1_000_000),
}
SECONDS = frozenset(
    {"s", "sec", "secs", "second", "seconds", "sekunden", "sekunde", "secondes", "seconde", "segundos", "segundo"}
)
MILLISECONDS = frozenset({"ms", "millisecond", "milliseconds", "millisekunden", "millisecondes", "milisegundos"})
MINUTES = frozenset({"minute", "minutes", "min", "mins", "minuten", "minutos"})
FIELD_OF_MEASURE = {
    "input_tokens": "input_tokens",
    "input_per_request": "input_tokens",
    "output_tokens": "output_tokens",
    "output_per_request": "output_tokens",
    "tokens": "tokens",
    "cached_tokens": "cached_tokens",
    "spend": "spend",
    "cost_per_request": "spend",
}
"""The number of a request that a measure sums."""


OPERATORS = {
    "above": Operator.ABOVE,
    "below": Operator.BELOW,
    "at_least": Operator.AT_LEAST,
    "at_most": Operator.AT_MOST,
}
MAX_WORDS_BETWEEN = 2
"""Tokens between a measure and the comparison after it: "an error rate of over 5%"."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A limit on `measure`, which is empty if it is not understood: of single requests if `is_row`, else of groups.

    It stands in the tokens from `start` to before `end`, with its measure if that is only named for it.
    """

    start: int
    end: int
    operator: Operator
    measure: str
    value: Decimal
    is_row: bool


def list_thresholds(scan: Scan) -> Iterator[Threshold]:
    """Yield the thresholds, also those of which it is not clear what is compared."""
    for span in scan.iter_spans("operators"):
        operator = OPERATORS.get(span.concept.name)
        number = next((each for each in scan.numbers if 0 <= each.start - span.end < 3), None)
        if operator is None or number is None:
            continue
        found = _compare_share(scan, span, operator, number) if number.is_percent else None
        if found is not None or not number.is_percent:
            yield found or _to_threshold(scan, span.start, operator, number)
    yield from _list_ranges(scan)


def _list_ranges(scan: Scan) -> Iterator[Threshold]:
    """Yield both limits of "between 2 and 3 seconds" and "between $1 and $2"."""
    for low, high in pairwise(scan.numbers):
        start = low.start - 1 - (low.start > 1 and not scan.tokens[low.start - 1].is_word)
        is_range = start >= 0 and any(c.name == "between" for c in scan.lexicon.get(scan.tokens[start].text))
        if not is_range or low.is_percent or not scan.is_and(low.end) or high.start - low.end > MAX_WORDS_BETWEEN:
            continue
        end = _to_threshold(scan, start, Operator.AT_MOST, high)
        if end.measure and high.value:
            yield replace(end, operator=Operator.AT_LEAST, value=low.value * end.value / high.value)
            yield end


def _compare_share(scan: Scan, span: Span, operator: Operator, number: NumberSpan) -> Threshold | None:
    """Return a limit on a rate: "models with an error rate above 5%"."""
    measure = _find_measure_before(scan, span.start)
    if measure is None or MEASURES[measure.concept.name].unit is not Unit.SHARE:
        return None
    end = number.end + 1
    return Threshold(measure.start, end, operator, measure.concept.name, number.value / 100, False)


def _find_measure_before(scan: Scan, place: int) -> Span | None:
    spans = [
        span
        for span in scan.iter_spans("measures")
        if 0 <= place - span.end <= MAX_WORDS_BETWEEN and span.concept.name in MEASURES
    ]
    return spans[-1] if spans else None


def _to_threshold(scan: Scan, start: int, operator: Operator, number: NumberSpan) -> Threshold:
    at, value = number.end, number.value
    scale = SCALES.get(_word(scan, at))
    if scale:
        at, value = at + 1, value * scale
    unit = number.unit or _word(scan, at)
    for words, factor in ((SECONDS, 1000), (MILLISECONDS, 1), (MINUTES, 60_000)):
        if unit in words:
            return _compare_time(scan, start, at + (not number.unit), operator, value * factor)
    if _word(scan, at) in CENTS:
        at += 1
    after = next((s for s in scan.iter_spans("measures") if 0 <= s.start - at < 2), None)
    measure = after.concept.name if after else ""
    end = after.end if after else at
    if not measure and number.is_money:
        measure = "spend"
    before = _find_noun_before(scan, start)
    is_row = before == "requests" or (before is None and measure in FIELD_OF_MEASURE and measure != "spend")
    if is_row:
        return Threshold(start, end, operator, FIELD_OF_MEASURE.get(measure, ""), value, True)
    if not measure and (earlier := _find_measure_before(scan, start)):
        return Threshold(start, end, operator, earlier.concept.name, value, False)
    return Threshold(start, end, operator, measure, value, False)


def _compare_time(scan: Scan, start: int, end: int, operator: Operator, milliseconds: Decimal) -> Threshold:
    """Return a limit on single requests, or on a percentile of groups: "models with a p95 latency above 5 s"."""
    named = [each for each in scan.list_names("measures") if each in ("latency", "first_token")]
    stem = named[0] if named else "latency"
    is_group = _find_noun_before(scan, start) != "requests" and not scan.has("how_many")
    statistics = [each for each in scan.list_names("statistics") if f"{stem}_{each}" in MEASURES]
    if is_group and named and statistics:
        return Threshold(start, end, operator, f"{stem}_{statistics[0]}", milliseconds, False)
    return Threshold(start, end, operator, f"{stem}_ms", milliseconds, True)


def _word(scan: Scan, place: int) -> str:
    return scan.tokens[place].text if place < len(scan.tokens) else ""


def _find_noun_before(scan: Scan, place: int) -> str | None:
    """Return what is compared: "requests", or the dimension before the comparison."""
    nouns = [
        span
        for kind in ("dimensions", "measures")
        for span in scan.iter_spans(kind)
        if span.end <= place and (kind == "dimensions" or span.concept.name == "requests")
    ]
    return max(nouns, key=lambda span: span.start).concept.name if nouns else None
