"""The prices that were applied to a log's models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from core.i18n.text import Text

MILLION = Decimal(1_000_000)


class PriceHistory(StrEnum):
    """Whether a price is known to be that of the request's day."""

    GIVEN = "given by you"
    FILE = "this installation's price file"
    DATED = "price list, dated"
    TODAY = "price list, today's price"


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedModel:
    """One (model, provider) of the log and its prices in USD per million tokens; or `names` of them, if there are too
    many to list.

    `lacks_tier`: the list has no price for `tier`, so the standard one is used.
    `is_listed_in_part`: the operator's file has prices for some of the log's days, the price list for the others.
    `given_kinds` are the kinds of tokens that the user priced for this model, `discount_percent` what was taken off.
    `provider_id` and `model_id` are the price list's own names, None if only the user's prices are used. Of the
    prices that were applied, which change with dates, hours and long prompts, the latest for the shortest prompts is
    shown, and `rates` says how many there are. `more_prices` are those of other kinds (own_prices.TOKEN_KINDS), where
    they differ from their parents' price; a search and a request in USD per thousand.
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
    is_listed_in_part: bool = False
    given_kinds: tuple[str, ...] = ()
    discount_percent: Decimal = Decimal(0)
    fresh_input: Decimal
    cache_read: Decimal
    cache_write: Decimal
    output: Decimal
    more_prices: Mapping[str, Decimal] = field(default_factory=dict)
    rates: int
    lacks_tier: bool = False
    requests: int | None
    tokens: int
    names: int = 1

    @property
    def has_cache_discount(self) -> bool:
        return self.cache_read < self.fresh_input


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpricedModel:
    """A (model, provider) of the log without a price; or `names` of them, if there are too many to list.

    Its requests are in no total, except those for which the log states a cost (LogSpend.stated).
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
class PriceFileInfo:
    """The operator's price file that went before the list: what it calls itself, and from when its prices are."""

    title: str
    date: str  # YYYY-MM-DD


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    models: tuple[PricedModel, ...]
    unpriced: tuple[UnpricedModel, ...]
    notes: tuple[Text, ...]
    list_version: str = ""
    list_date: str = ""  # YYYY-MM-DD
    file: PriceFileInfo | None = None
