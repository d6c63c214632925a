"""Numbers in a question: "20 %", "$2,000", "50k", "three"."""

from collections.abc import Sequence
from decimal import Decimal
from types import MappingProxyType

from agents.language.scan import NumberSpan, Scan, is_joined
from agents.language.tokens import Token, parse_number

NUMBER_SCALES = MappingProxyType({"k": 1_000, "m": 1_000_000})


def find_numbers(scan: Scan, taken: list[bool]) -> None:
    for place, token in enumerate(scan.tokens):
        if taken[place] or _is_in_name(scan.tokens, place) or _is_in_measure(scan, place):
            continue
        found = _parse_scaled(token) or (parse_number(scan.question, token) if token.text[:1].isdecimal() else None)
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
        scan.numbers.append(
            NumberSpan(
                place, end, value, is_percent, before in ("$", "€") or after in ("$", "dollars", "dollar", "usd")
            )
        )
        if found is not None:
            taken[place:end] = [True] * (end - place)


def _parse_scaled(token: Token) -> tuple[Decimal, int] | None:
    """Return the number that 50k or 2m stands for, and the place where it ends."""
    digits, scale = token.text[:-1], NUMBER_SCALES.get(token.text[-1:])
    return (Decimal(digits) * scale, token.end) if scale and digits.isdecimal() and len(digits) < 7 else None


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
