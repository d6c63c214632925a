from collections.abc import Mapping
from typing import Any

from netra.core.exceptions import UserError


class BudgetExhausted(UserError):
    """A budget that holds for the next step is used up."""

    code = "budget_exhausted"

    def __init__(self, message: str, details: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.details = details
