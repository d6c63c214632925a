"""Numbers in a question, "20 %", "$2,000", "50k", "5s", "three", and the thresholds that they set: "more than 20,000
prompt tokens", "over 30 seconds", "above $1"."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from types import MappingProxyType

from agents.language.lexicon import Span
from agents.language.scan import NumberSpan, Scan, is_joined
from agents.language.tokens import Token, parse_number
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Operator

SCALES: Mapping[str, Decimal] = MappingProxyType(
    {
        "k": Decimal(1_000),
        "thousand": Decimal(1_000),
        "m": Decimal(1_000_000),
        "million": Decimal(1_000_000),
        "mio": Decimal(1_000_000),
    }
)
CENTS = frozenset({"cent", "cents", "ct", "centime", "centimes", "centavo", "centavos", "centimo", "centimos"})
DOLLARS = frozenset({"$", "dollar", "dollars", "usd", "dolar", "dolares", "bucks"})
_WITH_UNIT = re.compile(r"(\d[\d.,]{0,20}?)(ms|secs?|s|mins?|k|m)(?![^\W_])", re.IGNORECASE)

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

OPERATORS = {str(each): each for each in (Operator.ABOVE, Operator.BELOW, Operator.AT_LEAST, Operator.AT_MOST)}
MAX_TO_FAILED = 5
"""Tokens between a percentage and "fail": "5% of the requests have failed"."""

MAX_WORDS_BETWEEN = 2
"""Tokens between a measure and the comparison after it: "an error rate of over 5%"."""


def find_numbers(scan: Scan, taken: list[bool]) -> None:
    for place, token in enumerate(scan.tokens):
        if taken[place] or _is_in_name(scan.tokens, place) or _is_in_measure(scan, place):
            continue
        found, unit = _parse_with_unit(scan.question, token)
        if found is None and token.text[:1].isdecimal():
            found = parse_number(scan.question, token)
        end = place + 1
        if found is None:
            concept = next((c for c in scan.lexicon.get(token.text) if c.kind == "numbers"), None)
            if concept is None:
                continue
            value = Decimal(concept.name)
        else:
            value = found[0]
            while end < len(scan.tokens) and scan.tokens[end].start < found[1]:
                end += 1
        after = scan.tokens[end].text if end < len(scan.tokens) else ""
        before = scan.tokens[place - 1].text if place else ""
        is_percent = after in ("%", "percent", "per", "prozent", "pour", "por") and (
            after in ("%", "percent", "prozent") or _is_cent(scan.tokens, end + 1)
        )
        is_cents = after in CENTS and not is_percent
        is_money = is_cents or before in ("$", "€") or after in DOLLARS
        value = value / 100 if is_cents else value
        scan.numbers.append(NumberSpan(place, end, value, is_percent, is_money, unit))
        if found is not None:
            taken[place:end] = [True] * (end - place)


def _parse_with_unit(question: str, token: Token) -> tuple[tuple[Decimal, int] | None, str]:
    """Return the number of 50k, 2m, 5s or 1.5s with the place where it ends, and its unit of time."""
    match = _WITH_UNIT.match(question, token.start) if token.text[:1].isdecimal() else None
    if match is None:
        return None, ""
    digits, unit = match[1], match[2].lower()
    try:
        value = Decimal(digits.replace(",", "") if digits.count(",") > 1 else digits.replace(",", "."))
    except InvalidOperation:
        return None, ""
    return (value * SCALES.get(unit, 1), match.end()), "" if unit in SCALES else unit


def _is_in_name(tokens: Sequence[Token], place: int) -> bool:
    """Whether a number is joined to letters, as in gpt-4."""
    return (
        tokens[place].text.isdecimal()
        and place > 0
        and is_joined(tokens[place - 1], tokens[place])
        and tokens[place - 1].text.isalpha()
    )


def _is_in_measure(scan: Scan, place: int) -> bool:
    """Whether a number is part of a measure's name, as in "per 1k tokens"."""
    words = [token.text for token in scan.tokens[max(place - 1, 0) : place + 2]]
    return place > 0 and any(concept.kind == "measures" for concept in scan.lexicon.get(*words))


def _is_cent(tokens: Sequence[Token], place: int) -> bool:
    return place < len(tokens) and tokens[place].text in ("cent", "ciento")


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
    yield from _list_free(scan)


def _list_free(scan: Scan) -> Iterator[Threshold]:
    """Yield the limit of "which calls cost nothing?"."""
    costs = {at for span in scan.iter_spans("measures", "spend") for at in (span.start, span.end)}
    for span in scan.iter_spans("operators"):
        is_nothing = span.concept.name == "nothing" and not costs.isdisjoint((span.start, span.end))
        if is_nothing or span.concept.name == "free":
            start = span.start - (is_nothing and span.start in costs)
            is_row = _find_noun_before(scan, start) == "requests"
            yield Threshold(start, span.end, Operator.AT_MOST, "spend", Decimal(0), is_row)


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
    if measure is None and (failed := _find_failed_after(scan, number)) is not None:
        return Threshold(span.start, failed.end, operator, "error_rate", number.value / 100, False)
    if measure is None or MEASURES[measure.concept.name].unit is not Unit.SHARE:
        return None
    end = number.end + 1
    return Threshold(measure.start, end, operator, measure.concept.name, number.value / 100, False)


def _find_failed_after(scan: Scan, number: NumberSpan) -> Span | None:
    """Return "fail" of "more than 5% of requests fail"."""
    after = (span for span in scan.iter_spans("operators", "failed") if 0 < span.start - number.end <= MAX_TO_FAILED)
    return next(after, None)


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
    is_money = number.is_money
    if _word(scan, at) in CENTS:
        at, is_money = at + 1, True
    after = None if is_money else next((s for s in scan.iter_spans("measures") if 0 <= s.start - at < 2), None)
    measure = after.concept.name if after else ""
    end = after.end if after else at
    if is_money:
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
