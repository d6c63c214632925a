"""A language model's requests as steps that cost: each is looked at before it is made, and recorded after it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from agents.modelprice import ModelPrices
from netra.core.context import UserExecutionContext
from netra.core.databasework import DatabaseWork, SharedThread
from netra.core.emitter import Emitter
from tools.spending.budgets import check
from tools.spending.entry import Entry
from tools.warned import Warned, told


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """One request, as the model's server tells it. `input_tokens` are all, those read from and written to a cache
    included; `address` is the server's, None where the model has none. Not `measured`: the server told of no tokens,
    which does not mean that it cost nothing."""

    model: str
    address: str | None
    measured: bool = True
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cache_written_tokens: int


class Meter(Protocol):
    """Beside each request of one agent's turn to a language model."""

    async def before(self) -> None:
        """Raises BudgetExhausted where the request may not be made."""

    async def after(self, used: Used) -> None:
        """It was made, in part at least, and this is what it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMeter:
    """Of one agent's turn in one run. `emit_entry` takes what a request cost to where it is recorded."""

    context: UserExecutionContext
    agent: str
    emitter: Emitter
    emit_entry: Callable[[Entry], Awaitable[None]]
    prices: ModelPrices
    warned: Warned
    database: DatabaseWork = field(default_factory=SharedThread)

    async def before(self) -> None:
        mine = self.context
        found = await self.database.run(mine.user_id, check, mine.user_id, mine.run_id, tool=None)
        for each in self.warned.new(found):
            await self.emitter.emit(told(each, self.context, self.agent))

    async def after(self, used: Used) -> None:
        await self.emit_entry(
            Entry(
                user_id=self.context.user_id,
                run_id=self.context.run_id,
                kind="model",
                name=used.model,
                input_tokens=used.input_tokens,
                output_tokens=used.output_tokens,
                cached_tokens=used.cached_tokens,
                cost=self._cost(used),
            )
        )

    def _cost(self, used: Used) -> Decimal | None:
        if not used.measured:
            return None
        return self.prices.cost(
            used.model,
            used.address,
            input_tokens=used.input_tokens,
            cache_read=used.cached_tokens,
            cache_write=used.cache_written_tokens,
            output_tokens=used.output_tokens,
        )
