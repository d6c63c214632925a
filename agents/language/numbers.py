"""Numbers in a question: "20 %", "$2,000", "50k", "5s", "50 cents", "three"."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

from agents.language.scan import NumberSpan, Scan, is_joined
from agents.language.tokens import Token, parse_number

NUMBER_SCALES = MappingProxyType({"k": 1_000, "m": 1_000_000})
CENTS = frozenset({"cent", "cents", "ct", "centime", "centimes", "centavo", "centavos", "centimo", "centimos"})
DOLLARS = frozenset({"$", "dollar", "dollars", "usd", "dolar", "dolares", "bucks"})
_WITH_UNIT = re.compile(r"(\d[\d.,]{0,20}?)(ms|secs?|s|mins?|k|m)(?![^\W_])", re.IGNORECASE)


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
    return (value * NUMBER_SCALES.get(unit, 1), match.end()), "" if unit in NUMBER_SCALES else unit


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
