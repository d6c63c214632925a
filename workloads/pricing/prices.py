"""The user's assumptions about a log, and the prices that were applied to its models."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.exceptions import BadInput
from core.i18n.text import Text, text

MILLION = Decimal(1_000_000)
MAX_PRICE = Decimal(1_000_000)


class PriceHistory(StrEnum):
    """Whether a price is known to be that of the request's day."""

    GIVEN = "given by you"
    DATED = "price list, dated"
    TODAY = "price list, today's price"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """The user's assumptions. The user's own prices, in USD per million tokens, apply to every request.

    Raises BadInput for one price without the other, or for impossible prices and discounts.
    """

    assume_model: str | None = None
    price_in: Decimal | None = None
    price_out: Decimal | None = None
    discount_percent: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.price_in is not None and self.price_out is None:
            raise BadInput(text("The output price is missing. Enter both an input and an output price."))
        if self.price_out is not None and self.price_in is None:
            raise BadInput(text("The input price is missing. Enter both an input and an output price."))
        if self.price_in is not None and not _is_possible_price(self.price_in):
            raise BadInput(
                text(
                    "{price} is not a valid input price. Enter USD per million tokens, from 0 to {highest}.",
                    price=self.price_in,
                    highest=MAX_PRICE,
                )
            )
        if self.price_out is not None and not _is_possible_price(self.price_out):
            raise BadInput(
                text(
                    "{price} is not a valid output price. Enter USD per million tokens, from 0 to {highest}.",
                    price=self.price_out,
                    highest=MAX_PRICE,
                )
            )
        if not (self.discount_percent.is_finite() and 0 <= self.discount_percent <= 100):
            raise BadInput(
                text(
                    "{percent} is not a valid discount. Enter a percentage from 0 to 100.",
                    percent=self.discount_percent,
                )
            )

    @property
    def has_given_prices(self) -> bool:
        return self.price_in is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedModel:
    """One (model, provider) of the log and its prices in USD per million tokens; or `names` of them, if there are too
    many to list.

    `provider_id` and `model_id` are the price list's own names, None if only the user's prices are used. If the price
    changes within the log (dates, hours, long prompts), the latest price for short prompts is shown.
    """

    key: int
    model: str | None
    provider: str | None
    tier: str | None = None
    geography: str | None = None
    provider_id: str | None
    model_id: str | None
    assumed: bool
    history: PriceHistory
    fresh_input: Decimal
    cache_read: Decimal
    cache_write: Decimal
    output: Decimal
    rates: int
    requests: int | None
    tokens: int
    names: int = 1

    @property
    def has_cache_discount(self) -> bool:
        return self.cache_read < self.fresh_input


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpricedModel:
    """A (model, provider) of the log without a price; or `names` of them, if there are too many to list.

    Its requests are in no total.
    """

    model: str | None
    provider: str | None
    requests: int | None
    tokens: int
    why: Text
    names: int = 1


OTHERS = "(all others)"
"""The name of the entry for everything beyond the length of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    models: tuple[PricedModel, ...]
    unpriced: tuple[UnpricedModel, ...]
    notes: tuple[Text, ...]


def _is_possible_price(price: Decimal) -> bool:
    return price.is_finite() and 0 <= price <= MAX_PRICE
