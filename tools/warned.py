"""Budgets that are nearly spent, as the user is told of them."""

from dataclasses import dataclass, field

from netra.core.context import UserExecutionContext
from netra.core.events import BudgetWarning, who
from tools.spending.dollars import written
from tools.spending.warning import Warning


@dataclass(slots=True)
class Warned:
    """The budgets that a run's user was warned of, so that each is told once; one per attempt at a run."""

    budgets: set[int] = field(default_factory=set)

    def new(self, warnings: tuple[Warning, ...]) -> tuple[Warning, ...]:
        """Those not told yet; they are told from now on."""
        found = tuple(each for each in warnings if each.budget_id not in self.budgets)
        self.budgets.update(each.budget_id for each in found)
        return found


def told(warning: Warning, context: UserExecutionContext, agent: str) -> BudgetWarning:
    return BudgetWarning(
        **who(context, agent),
        budget=warning.budget,
        spent=None if warning.spent is None else written(warning.spent),
        limit=written(warning.limit),
    )
