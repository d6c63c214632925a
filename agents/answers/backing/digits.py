"""Read digits with the separators of English, German, French and Spanish."""

import re
from decimal import Decimal

from agents.answers.backing.quantity import Range

NUMBER = re.compile(
    r"\d{1,3}(?:[ \u00a0'\u2019]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*(?:[eE][+-]?\d{1,3}(?![\w.]))?|[.,]\d+"
)
"""A number without its sign and unit. A blank between groups of three digits may also be one between two numbers."""

MAX_DIGITS = 30
HALF = Decimal("0.5")
_SLACK = Decimal("1e-12")
_SPACES = re.compile("[ \u00a0'\u2019]")


def has_blank(digits: str) -> bool:
    return " " in digits or "\u00a0" in digits


def read_digits(digits: str, *, decimal_comma: bool) -> Range | None:
    """Return the values that would be rounded to these digits; None for what is no number, such as 1.2.3.

    A single separator before exactly three digits is read as the language does: 1,234 and 1.234.
    """
    number, _, exponent = _SPACES.sub("", digits).lower().partition("e")
    if len(number) > MAX_DIGITS:
        return None
    plain = _to_plain_number(number, decimal_comma=decimal_comma, has_groups=bool(_SPACES.search(digits)))
    if plain is None:
        return None
    step = Decimal(1).scaleb(-len(plain.partition(".")[2]))
    return round_range(Decimal(plain), step).scale(Decimal(1).scaleb(int(exponent or 0)))


def round_range(value: Decimal, step: Decimal) -> Range:
    """Return the values that are `value` when rounded to a multiple of `step`."""
    half = step * (HALF + _SLACK)
    return Range(value - half, value + half)


def _to_plain_number(number: str, *, decimal_comma: bool, has_groups: bool) -> str | None:
    separators = [letter for letter in number if letter in ".,"]
    if not separators:
        return number
    parts = re.split("[.,]", number)
    whole, last = "".join(parts[:-1]), parts[-1]
    if len(separators) == 1:
        can_be_group = len(last) == 3 and 1 <= len(parts[0]) <= 3 and parts[0] != "0" and not has_groups
        if can_be_group and separators[0] == ("." if decimal_comma else ","):
            return whole + last
        return f"{whole or '0'}.{last}"
    if any(len(part) != 3 for part in parts[1:-1]):
        return None
    if len(set(separators)) == 1:
        return whole + last if len(last) == 3 else None
    return f"{whole}.{last}" if len(set(separators[:-1])) == 1 and separators[-1] != separators[0] else None
