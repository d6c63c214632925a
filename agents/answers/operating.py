"""Wishes to do something instead of to know something: what was done, or where to do it."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from agents.answers.formatting import format_usd
from core.i18n.text import FormattedNumber, Text, text
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.own_prices import OwnPrice
from workloads.pricing.price_sentences import parse_prices

MAX_WISH = 200
"""Characters of a wish; a longer message tells more than that."""

_LEAD = (
    r"^(?:please\s|can\s(?:i|you|we)\s|could\s(?:i|you|we)\s|how\s(?:do|can)\s(?:i|we)\s|i\swant\sto\s)?(?:please\s)?"
)
_WISHES: tuple[tuple[re.Pattern[str], Text], ...] = (
    (
        re.compile(
            _LEAD + r"(?:export|download)\s(?:this|that|it|the|my|as|to|everything|all)\b"
            r"|" + _LEAD + r"save\s(?:this|that|it|the\stable|the\sreport)\s(?:as|to)\b",
            re.IGNORECASE,
        ),
        text(
            "Each table of an answer can be downloaded as CSV below it, a report as Markdown, JSON or CSV at its end, "
            "and the whole conversation as Markdown from its menu. In a terminal, --json writes the answers."
        ),
    ),
    (
        re.compile(
            _LEAD + r"(?:set|change|enter|update)\s(?:my|our|the)\s(?:own\s)?(?:prices?|discounts?)\b", re.IGNORECASE
        ),
        text(
            "Say it here, for example: gpt-4o costs us 2/8 (USD per million input and output tokens). Or open the "
            "prices next to the selected log."
        ),
    ),
    (
        re.compile(_LEAD + r"(?:rename|pin)\s(?:this|the|my)\s(?:conversation|chat)\b", re.IGNORECASE),
        text("You can rename or pin a conversation in its menu in the list."),
    ),
)


def answer_wish(ask: str, assumptions: Assumptions) -> Text | None:
    """Return what was done, or where to do it; None if the question asks for something else.

    `assumptions` are those of the run: prices that the message states were saved when it was sent.
    """
    stated = parse_prices(ask)
    if stated:
        return _confirm_prices(stated, assumptions)
    wish = " ".join(ask.split()) if len(ask) <= MAX_WISH else ""
    return next((answer for pattern, answer in _WISHES if wish and pattern.match(wish)), None)


def _confirm_prices(stated: Mapping[str, Any], assumptions: Assumptions) -> Text:
    if "discount_percent" in stated:
        discount = FormattedNumber(f"{stated['discount_percent']:f}%")
        return text(
            "Saved with this log: a discount of {discount} on every price. It applies from now on.", discount=discount
        )
    (price,) = stated["model_prices"]
    if assumptions.find_price(price.model) is None:
        return text(
            "The price of {name} was not saved. Select a log first, and state prices in USD per million tokens.",
            name=price.model,
        )
    return _describe_price(price)


def _describe_price(price: OwnPrice) -> Text:
    return text(
        "Saved with this log: {model} costs {given} per million input tokens and {made} per million output tokens. It "
        "applies from now on.",
        model=price.model,
        given=FormattedNumber(format_usd(price.fresh_input or Decimal(0))),
        made=FormattedNumber(format_usd(price.output or Decimal(0))),
    )
