"""The result of comparing a log with its invoice: logged, billed and residual, in total and in parts, and causes; and
whether a question asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from core.i18n.text import Text

MAX_LENGTH: Final = 2_000

_INVOICE: Final = ("invoice", "reconcil", "rechnung", "facture", "factura", "fattura", "fatura")

_BILL: Final = ("bill", "charged", "statement")

_COMPARE: Final = ("match", "agree", "compare", "same as", "differ", "correct", "why is", "higher than", "lower than")


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


def mentions_invoice(question: str) -> bool:
    """Whether a question asks about the invoice: "does this match my invoice?", but not "cut my bill by 30%"."""
    words = question[:MAX_LENGTH].lower()
    compares = any(bill in words for bill in _BILL) and any(verb in words for verb in _COMPARE)
    return compares or any(word in words for word in _INVOICE)
