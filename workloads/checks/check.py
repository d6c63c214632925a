"""The result of a check: whether it passed, what was found, and the likely causes with their amounts."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.i18n.text import Text


class CheckState(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"  # the log has nothing to check against


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckCause:
    """A likely cause of a difference. `amount` is in USD, `tokens` a number of tokens, `rows` a number of rows of the
    log that it explains; None where it is not measured in that unit."""

    what: Text
    amount: Decimal | None = None
    tokens: int | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPart:
    """A model whose figures differ. `stated` and `computed` are in USD, over the rows that have both."""

    model: str | None
    stated: Decimal
    computed: Decimal
    causes: tuple[CheckCause, ...]

    @property
    def difference(self) -> Decimal:
        return self.stated - self.computed


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check. `finding` is a sentence; `causes` are ranked, the one that explains most first."""

    name: str
    title: Text
    state: CheckState
    finding: Text
    causes: tuple[CheckCause, ...] = ()
    parts: tuple[CheckPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    checks: tuple[Check, ...]

    @property
    def failed_checks(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if check.state is CheckState.FAILED)
