"""Comparisons with a number in a question: "more than 20,000 prompt tokens", "over 30 seconds", "above $1"."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from agents.language.scan import NumberSpan, Scan
from workloads.query.query import Operator

SCALES = {
    "k": Decimal(1_000),
    "thousand": Decimal(1_000),
    "m": Decimal(1_000_000),
    "million": Decimal(1_000_000),
    "mio": Decimal(1_000_000),
}
SECONDS = frozenset(
    {"s", "sec", "second", "seconds", "sekunden", "sekunde", "secondes", "seconde", "segundos", "segundo"}
)
MILLISECONDS = frozenset({"ms", "millisecond", "milliseconds", "millisekunden", "millisecondes", "milisegundos"})
MINUTES = frozenset({"minute", "minutes", "min", "minuten", "minutos"})
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


@dataclass(frozen=True, slots=True)
class Comparison:
    """A limit on `measure`, which is empty if it is not understood: of single requests if `is_row`, else of groups."""

    start: int
    operator: Operator
    measure: str
    value: Decimal
    is_row: bool


def list_comparisons(scan: Scan) -> Iterator[Comparison]:
    """Yield the comparisons with numbers, also those of which it is not clear what is compared."""
    for span in scan.iter_spans("operators"):
        if span.concept.name not in ("above", "below"):
            continue
        number = next((each for each in scan.numbers if 0 <= each.start - span.end < 3), None)
        if number is None or number.is_percent:
            continue
        operator = Operator.ABOVE if span.concept.name == "above" else Operator.BELOW
        yield _to_comparison(scan, span.start, operator, number)


def _to_comparison(scan: Scan, start: int, operator: Operator, number: NumberSpan) -> Comparison:
    at, value = number.end, number.value
    scale = SCALES.get(_word(scan, at))
    if scale:
        at, value = at + 1, value * scale
    unit = _word(scan, at)
    for words, factor in ((SECONDS, 1000), (MILLISECONDS, 1), (MINUTES, 60_000)):
        if unit in words:
            return Comparison(start, operator, "latency_ms", value * factor, True)
    measure = next((s.concept.name for s in scan.iter_spans("measures") if 0 <= s.start - at < 2), "")
    if not measure and number.is_money:
        measure = "spend"
    before = _find_noun_before(scan, start)
    is_row = before == "requests" or (before is None and measure in FIELD_OF_MEASURE and measure != "spend")
    if is_row:
        return Comparison(start, operator, FIELD_OF_MEASURE.get(measure, ""), value, True)
    return Comparison(start, operator, measure, value, False)


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
