"""A user's own price for a model, and what they say a model's name means."""

from dataclasses import dataclass, fields
from decimal import Decimal

from core.exceptions import BadInput
from core.i18n.text import text

MAX_PRICE = Decimal(1_000_000)
MAX_DIGITS = 30
MAX_NAME_LENGTH = 200

TOKEN_KINDS = (
    "fresh_input",
    "cache_read",
    "cache_write",
    "cache_write_1h",
    "output",
    "audio_input",
    "audio_read",
    "audio_output",
    "image_input",
    "image_output",
    "reasoning",
    "search",
    "request",
)
"""What a price list may price apart: tokens in USD per million; searches and requests in USD per thousand."""

FEES = ("search", "request")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPrice:
    """The user's prices for a model, by its name in the log or in the price list; None: as in the price list.

    They are the prices of standard requests with short prompts. Without any price and discount, the entry is empty.
    Raises BadInput for an impossible price, discount or name.
    """

    model: str
    fresh_input: Decimal | None = None
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None
    cache_write_1h: Decimal | None = None
    output: Decimal | None = None
    audio_input: Decimal | None = None
    audio_read: Decimal | None = None
    audio_output: Decimal | None = None
    image_input: Decimal | None = None
    image_output: Decimal | None = None
    reasoning: Decimal | None = None
    search: Decimal | None = None
    request: Decimal | None = None
    discount_percent: Decimal | None = None

    def __post_init__(self) -> None:
        check_name(self.model)
        for kind, price in self.prices.items():
            if not is_possible_price(price):
                raise BadInput(
                    text(
                        "{price} is not a valid {kind} price of {model}. Enter USD per million tokens, from 0 to "
                        "{highest}.",
                        price=price,
                        kind=kind,
                        model=self.model,
                        highest=MAX_PRICE,
                    )
                )
        if self.discount_percent is not None and not is_possible_discount(self.discount_percent):
            raise BadInput(
                text(
                    "{percent} is not a valid discount for {model}. Enter a percentage from 0 to 100.",
                    percent=self.discount_percent,
                    model=self.model,
                )
            )

    @property
    def key(self) -> str:
        return to_name_key(self.model)

    @property
    def prices(self) -> dict[str, Decimal]:
        """Return the given prices by the names of their kinds."""
        return {kind: price for kind in TOKEN_KINDS if (price := getattr(self, kind)) is not None}

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, field.name) is None for field in fields(self) if field.name != "model")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAlias:
    """What a name in the log means: `model` is a model of the price list or one with the user's own price.

    Without a model, the entry is empty. Raises BadInput for an impossible name.
    """

    name: str
    model: str | None

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.model is not None:
            check_name(self.model)

    @property
    def key(self) -> str:
        return to_name_key(self.name)

    @property
    def is_empty(self) -> bool:
        return self.model is None


def to_name_key(name: str) -> str:
    """Return what two spellings of one name have in common."""
    return name.strip().lower()


def check_name(name: str) -> None:
    """Raise BadInput for an empty or oversized name of a model."""
    if not name.strip() or len(name) > MAX_NAME_LENGTH:
        raise BadInput(text("A model's name must have 1 to {most} characters.", most=MAX_NAME_LENGTH))


def is_possible_price(price: Decimal) -> bool:
    return is_writable(price) and 0 <= price <= MAX_PRICE


def is_possible_discount(percent: Decimal) -> bool:
    return is_writable(percent) and 0 <= percent <= 100


def is_writable(number: Decimal) -> bool:
    """Whether a number can be written with all its digits: 1e-999999999 has a gigabyte of them."""
    _, digits, exponent = number.as_tuple()
    return isinstance(exponent, int) and len(digits) <= MAX_DIGITS and abs(exponent) <= MAX_DIGITS
