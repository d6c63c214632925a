"""What the sample's models cost, USD per million tokens: the price list's figures, written down for the sample alone.

The sample knows its planted amounts without asking the code that is to find them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

MILLION = Decimal(1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model, its prices, and how fast it is: ms to the first token and ms for each token after it."""

    name: str
    provider: str
    fresh: Decimal
    read: Decimal
    write: Decimal
    output: Decimal
    first_token_ms: int
    token_ms: int


MODELS: Mapping[str, Model] = MappingProxyType(
    {
        "gpt-4o": Model(
            name="gpt-4o",
            provider="openai",
            fresh=Decimal("2.50"),
            read=Decimal("1.25"),
            write=Decimal("2.50"),
            output=Decimal("10.00"),
            first_token_ms=380,
            token_ms=11,
        ),
        "gpt-4o-mini": Model(
            name="gpt-4o-mini",
            provider="openai",
            fresh=Decimal("0.15"),
            read=Decimal("0.075"),
            write=Decimal("0.15"),
            output=Decimal("0.60"),
            first_token_ms=290,
            token_ms=8,
        ),
        "claude-sonnet-4-5": Model(
            name="claude-sonnet-4-5",
            provider="anthropic",
            fresh=Decimal("3.00"),
            read=Decimal("0.30"),
            write=Decimal("3.75"),
            output=Decimal("15.00"),
            first_token_ms=720,
            token_ms=15,
        ),
        "claude-haiku-4-5": Model(
            name="claude-haiku-4-5",
            provider="anthropic",
            fresh=Decimal("1.00"),
            read=Decimal("0.10"),
            write=Decimal("1.25"),
            output=Decimal("5.00"),
            first_token_ms=410,
            token_ms=7,
        ),
        "gemini-2.5-flash": Model(
            name="gemini-2.5-flash",
            provider="google",
            fresh=Decimal("0.30"),
            read=Decimal("0.03"),
            write=Decimal("0.30"),
            output=Decimal("2.50"),
            first_token_ms=350,
            token_ms=5,
        ),
    }
)
