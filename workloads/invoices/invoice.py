"""An invoice as data, and the result of comparing a log with it. All sums are exact decimals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconciliationPart:
    """One day, model or kind of tokens (`name`; None: unnamed), in USD."""

    name: str | None
    logged: Decimal
    billed: Decimal

    @property
    def residual(self) -> Decimal:
        return self.billed - self.logged


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualCause:
    """A cause of the residual. `amount` is its part of it in USD: positive where more was billed than logged."""

    name: str
    what: Text
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """`billed` is in the invoice's `currency`. If that is not USD, nothing can be compared: residual and parts are
    unknown. The causes, the largest first, and `unexplained` sum to the residual. `shift_minutes` is what the log's
    times were moved by so that their days are the invoice's."""

    invoice: str
    format: Text
    currency: str
    billed: Decimal
    logged: Decimal
    residual: Decimal | None
    unexplained: Decimal | None
    causes: tuple[ResidualCause, ...]
    by_day: tuple[ReconciliationPart, ...]
    by_model: tuple[ReconciliationPart, ...]
    by_kind: tuple[ReconciliationPart, ...]
    shift_minutes: int
    others: Mapping[str, Decimal]
    notes: tuple[Text, ...]


MAX_QUESTION_LENGTH: Final = 2_000

_INVOICE: Final = ("invoice", "reconcil", "rechnung", "facture", "factura", "fattura", "fatura")

_BILL: Final = ("bill", "charged", "statement")

_COMPARE: Final = ("match", "agree", "compare", "same as", "differ", "correct", "why is", "higher than", "lower than")


def mentions_invoice(question: str) -> bool:
    """Whether a question asks about the invoice: "does this match my invoice?", but not "cut my bill by 30%"."""
    words = question[:MAX_QUESTION_LENGTH].lower()
    compares = any(bill in words for bill in _BILL) and any(verb in words for verb in _COMPARE)
    return compares or any(word in words for word in _INVOICE)
