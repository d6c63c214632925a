"""The result of comparing a log with its invoice: logged, billed and residual, in total and in parts, and causes."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.i18n.text import Text


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
