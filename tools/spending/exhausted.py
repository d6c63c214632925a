from collections.abc import Mapping
from typing import Any

from netra.core.exceptions import UserError
from netra.language.text import Text


class BudgetExhausted(UserError):
    """A budget that holds for the next step is used up."""

    code = "budget_exhausted"

    def __init__(self, words: Text, details: Mapping[str, Any]) -> None:
        super().__init__(words)
        self.details = details
