"""A user's prices as sentences: "gpt-4o costs us 2/8", "we pay $2 in and $8 out for gpt-4o", "we get 20% off".

Prices are in USD per million tokens. The rules are in English. A question, such as "what would it cost at 2/8?", states
nothing."""

import re
from decimal import Decimal
from typing import Any

from workloads.pricing.assumptions import AssumptionsChange
from workloads.pricing.own_prices import OwnPrice

MAX_SENTENCE = 300
"""Characters of a message that states a price; longer ones tell a story."""

_AMOUNT = r"\$?(\d{1,6}(?:\.\d{1,6})?)"
_AMOUNTS = (
    rf"{_AMOUNT}\s?/\s?{_AMOUNT}",
    rf"{_AMOUNT}\s(?:for\s|per\s)?(?:in|input)\b[\s,]{{0,2}}(?:tokens\s)?(?:and\s|/\s)?{_AMOUNT}\s(?:for\s|per\s)?"
    r"(?:out|output)\b",
)
_MODEL = r"([\w][\w.:/@-]{1,80})"
_PATTERNS = tuple(
    re.compile(pattern.replace("AMOUNTS", amounts), re.IGNORECASE)
    for amounts in _AMOUNTS
    for pattern in (
        rf"^(?:our\s|my\s|the\s)?{_MODEL}\s(?:really\s)?(?:costs?|is)\s(?:us\s|me\s)?AMOUNTS",
        rf"^(?:we|i)\spay\sAMOUNTS(?:\stokens)?\sfor\s{_MODEL}",
        rf"^(?:our|my)\sprice\s(?:for|of)\s{_MODEL}\sis\sAMOUNTS",
        rf"^set\s(?:my|our|the)\sprice\s(?:for|of)\s{_MODEL}\sto\sAMOUNTS",
    )
)
_DISCOUNTS = (
    re.compile(
        r"^(?:we|i)\s(?:get|have|got)\s(?:a\s)?(\d{1,2}(?:\.\d{1,2})?)\s?(?:%|percent)\s(?:discount|off)\b",
        re.IGNORECASE,
    ),
    re.compile(r"^(?:our|my)\sdiscount\sis\s(\d{1,2}(?:\.\d{1,2})?)\s?(?:%|percent)", re.IGNORECASE),
)


def parse_prices(message: str) -> AssumptionsChange:
    """Return what a message states about prices, as a change of the log's assumptions; nothing for any other message.

    It takes a constant time: each pattern matches at the beginning of at most MAX_SENTENCE characters.
    """
    sentence = " ".join(message.split()) if len(message) <= MAX_SENTENCE else ""
    if not sentence or sentence.endswith("?"):
        return {}
    for pattern in _PATTERNS:
        if found := pattern.match(sentence):
            return {"model_prices": (_build_price(found),)}
    discount = next((found for pattern in _DISCOUNTS if (found := pattern.match(sentence))), None)
    return {} if discount is None else {"discount_percent": Decimal(discount[1])}


def _build_price(found: re.Match[str]) -> OwnPrice:
    """Return the price: the groups are the model and two amounts, in either order."""
    groups: list[Any] = list(found.groups())
    is_amount_first = _is_amount(groups[0]) and _is_amount(groups[1])
    model, given, made = (groups[2], groups[0], groups[1]) if is_amount_first else groups
    return OwnPrice(model=model.rstrip(".:/"), fresh_input=Decimal(given), output=Decimal(made))


def _is_amount(word: str) -> bool:
    return re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", word) is not None
