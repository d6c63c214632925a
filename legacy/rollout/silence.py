"""A recorder that nobody hears, and that lets no shadow spend more than its own allowance."""

from dataclasses import dataclass
from decimal import Decimal

from agents.guard import StepRecord
from netra.core.events import AgentCompleted, AgentError, AgentEvent, ToolCompleted
from netra.language.text import text
from tools.receipt import Receipt
from tools.spending.entry import Entry
from tools.spending.exhausted import BudgetExhausted

REQUESTS = 12  # to a language model, of one agent in one shadow; their price may not be known
DOLLARS = Decimal("0.10")


@dataclass(slots=True)
class SilentRecorder:
    """Of one shadow: nothing that it is told reaches a stream, an audit or a user's budget. `spent` in US dollars."""

    requests: int = 0
    spent: Decimal = Decimal(0)

    async def emit(self, event: AgentEvent) -> None:
        """Not told."""

    async def settle(self, event: ToolCompleted, receipt: Receipt) -> None:
        """Not told; the gate of a shadow takes no slot and reserves no money, so there is none to give back."""

    async def record(self, event: AgentCompleted | AgentError, step: StepRecord | None = None) -> None:
        """Not told: a shadow hands nothing on."""

    async def spend(self, entry: Entry) -> None:
        """Raises BudgetExhausted with the request that goes beyond what one shadow may cost."""
        self.requests += 1
        self.spent += entry.cost or Decimal(0)
        if self.requests >= REQUESTS or self.spent > DOLLARS:
            raise BudgetExhausted(text("What a shadow may cost is spent."), {"budget": "shadow"})
