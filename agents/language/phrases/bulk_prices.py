"""Prices of many at once, "cost per 1,000 requests", "Kosten pro Million Tokens", in any of the languages: a number
between "per" and what is counted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from agents.language.lexicon import Span
from agents.language.scan import Scan

THOUSAND, MILLION = 1_000, 1_000_000
BULK_MEASURES: Mapping[tuple[str, int], str] = MappingProxyType(
    {
        ("requests", THOUSAND): "cost_per_thousand_requests",
        ("requests", MILLION): "cost_per_million_requests",
        ("tokens", THOUSAND): "cost_per_thousand_tokens",
        ("tokens", MILLION): "cost_per_million_tokens",
        ("input_tokens", MILLION): "cost_per_million_input",
        ("input_tokens", THOUSAND): "cost_per_thousand_input",
        ("output_tokens", THOUSAND): "cost_per_thousand_output",
        ("output_tokens", MILLION): "cost_per_million_output",
    }
)
SCALES: Mapping[str, int] = MappingProxyType(
    {
        **dict.fromkeys(("k", "thousand", "tausend", "mille", "milliers", "millier", "mil", "miles"), THOUSAND),
        **dict.fromkeys(("m", "mio", "million", "millions", "millionen", "millon", "millones"), MILLION),
    }
)
PER = frozenset({"per", "pro", "je", "par", "pour", "por", "cada", "for", "every", "each", "fur", "a"})
RANKED = frozenset(
    (
        *("cheapest", "dearest", "priciest", "costliest", "expensive", "cheaper", "dearer"),
        *("billigste", "billigsten", "gunstigste", "gunstigsten", "teuerste", "teuersten"),
    )
)
"""Words before "output token" that ask for its price."""

RANKED_AFTER = frozenset({"cher", "chers", "caro", "caros", "barato", "baratos"})
"""The same words of languages that say them after it, within MAX_AFTER tokens: "le token de sortie le moins cher"."""

MAX_AFTER = 3
TOKENS = frozenset({"token", "tokens", "jeton", "jetons"})
BETWEEN = frozenset({"of", "de", "d"})
MAX_SIZE = 4
"""Tokens of a number: "1 000 000", "10 million of"."""


@dataclass(frozen=True, slots=True)
class BulkPrice:
    """The measure that stands in the tokens from `start`, its "per", to before `end`."""

    start: int
    end: int
    measure: str


def iter_bulk_prices(scan: Scan) -> Iterator[BulkPrice]:
    """Yield the prices of a thousand or a million requests or tokens that a question names."""
    for span in scan.iter_spans("measures"):
        start = span.start
        while start > 0 and span.start - start < MAX_SIZE and _is_size(scan.tokens[start - 1].text):
            start -= 1
        if _is_ranked_price(scan, span):
            yield BulkPrice(span.start - 1, span.end, BULK_MEASURES[(span.concept.name, MILLION)])
            continue
        size = _read_size([token.text for token in scan.tokens[start : span.start]])
        measure = BULK_MEASURES.get((span.concept.name, size or 0))
        if measure is not None and start > 0 and scan.tokens[start - 1].text in PER:
            yield BulkPrice(start - 1, span.end, measure)


def _is_ranked_price(scan: Scan, span: Span) -> bool:
    """Whether "cheapest" stands before a kind of tokens, or "le moins cher" after it, which ranks by their price, not
    by what they cost together."""
    words = [token.text for token in scan.tokens]
    if TOKENS.isdisjoint(words[span.start : span.end]) or (span.concept.name, MILLION) not in BULK_MEASURES:
        return False
    after = words[span.end : span.end + MAX_AFTER]
    return (span.start > 0 and words[span.start - 1] in RANKED) or not RANKED_AFTER.isdisjoint(after)


def _is_size(word: str) -> bool:
    return word.isdecimal() or word in SCALES or word in BETWEEN or (word[:-1].isdecimal() and word[-1] in SCALES)


def _read_size(words: Sequence[str]) -> int | None:
    """Return the number of "1 000", "1k", "one million" or "million de"; None if there is none."""
    digits, scale = "", 1
    for word in words:
        number = word if word.isdecimal() else word[:-1] if word[:-1].isdecimal() else ""
        digits += number
        scale *= SCALES.get(word[len(number) :], 1)
    size = (int(digits) if digits else 1) * scale
    return size if size > 1 else None
