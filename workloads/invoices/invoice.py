"""An invoice as data: what was billed by day, model and kind of tokens, in one currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.i18n.text import Text


class LineKind(StrEnum):
    """What a line of an invoice is for."""

    FRESH_INPUT = "fresh_input"
    CACHE_READ = "cache_read"
    CACHE_WRITE = "cache_write"
    OUTPUT = "output"
    USAGE = "usage"  # tokens of all kinds together
    FEE = "fee"  # searches, sessions, storage
    TAX = "tax"
    CREDIT = "credit"


TOKEN_KINDS = (LineKind.FRESH_INPUT, LineKind.CACHE_READ, LineKind.CACHE_WRITE, LineKind.OUTPUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """The sum of the rows of one day (None: undated), model (as written, None: unnamed), kind and service tier."""

    day: date | None
    model: str | None
    kind: LineKind
    tier: str | None
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledCosts:
    """What was billed in `currency` (ISO 4217), in the order of day and model.

    `unit` is the last decimal place of its amounts. `others` are the sums of lines in other currencies, which are in no
    line. `rows` are those of the file that have an amount.
    """

    name: str
    format: str
    title: Text
    currency: str
    lines: tuple[InvoiceLine, ...]
    unit: Decimal
    rows: int
    others: Mapping[str, Decimal]
    notes: tuple[Text, ...] = ()

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))
