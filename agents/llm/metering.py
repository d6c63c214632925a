"""Check the budget before each request to a language model, and record the cost after it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from genai_prices.data_snapshot import get_snapshot

from core.context import UserExecutionContext
from core.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.events import Emitter
from tools.calls import AlertedBudgets, to_budget_warning
from tools.spending.budgets import check_budgets
from tools.spending.ledger import SpendEntry
from workloads.pricing.price_list import PriceList
from workloads.pricing.rates import Rate, list_rates


@dataclass(frozen=True, slots=True)
class ModelPrices:
    """The list that ships with the price library; made once per process, as making it reads all of it."""

    price_list: PriceList = field(default_factory=PriceList)

    def compute_cost(
        self,
        model: str,
        address: str | None,
        *,
        input_tokens: int,
        cache_read: int,
        cache_write: int,
        output_tokens: int,
    ) -> Decimal | None:
        """In US dollars, at this moment's price. None for a model or a server that the list does not know: a model
        of that name on a server of one's own does not cost what its maker asks."""
        rate = self._find_rate(model, address, input_tokens)
        if rate is None:
            return None
        fresh = max(0, input_tokens - cache_read - cache_write)
        spent = fresh * rate.fresh + cache_read * rate.cache_read + cache_write * rate.cache_write
        return spent + output_tokens * rate.output

    def _find_rate(self, model: str, address: str | None, input_tokens: int) -> Rate | None:
        provider = _find_provider(address)
        found = self.price_list.find(model, provider) if provider else None
        if found is None:
            return None
        now = datetime.now(UTC)
        day, second = now.replace(tzinfo=None), now.hour * 3600 + now.minute * 60 + now.second
        for rate in list_rates(found[1]):
            dated = rate.valid_from <= day < rate.valid_to and rate.from_second <= second < rate.to_second
            if dated and rate.min_input <= input_tokens <= rate.max_input:
                return rate
        return None


def _find_provider(address: str | None) -> str | None:
    """The list's name of whoever runs the server at this address."""
    if not address:
        return None
    return next((each.id for each in get_snapshot().providers if re.match(each.api_pattern, address)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequestUsage:
    """One request, as the model's server tells it. `input_tokens` are all, those read from and written to a cache
    included; `address` is the server's, None where the model has none. Not `is_measured`: the server told of no tokens,
    which does not mean that it cost nothing."""

    model: str
    address: str | None
    is_measured: bool = True
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cache_written_tokens: int


class Meter(Protocol):
    """Beside each request of one agent's turn to a language model."""

    async def check_budget(self) -> None:
        """Raises BudgetExhausted where the request may not be made."""

    async def record_usage(self, used: ModelRequestUsage) -> None:
        """It was made, in part at least, and this is what it took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMeter:
    """Of one agent's turn in one run. `emit_entry` takes what a request cost to where it is recorded."""

    context: UserExecutionContext
    agent: str
    emitter: Emitter
    emit_entry: Callable[[SpendEntry], Awaitable[None]]
    model_prices: ModelPrices
    alerted_budgets: AlertedBudgets
    database: DatabaseExecutor = field(default_factory=SharedThreadExecutor)

    async def check_budget(self) -> None:
        mine = self.context
        found = await self.database.run(mine.user_id, check_budgets, mine.user_id, mine.run_id, tool=None)
        for each in self.alerted_budgets.add_new(found):
            await self.emitter.emit(to_budget_warning(each, self.context, self.agent))

    async def record_usage(self, used: ModelRequestUsage) -> None:
        await self.emit_entry(
            SpendEntry(
                user_id=self.context.user_id,
                run_id=self.context.run_id,
                kind="model",
                name=used.model,
                input_tokens=used.input_tokens,
                output_tokens=used.output_tokens,
                cached_tokens=used.cached_tokens,
                cost=self._compute_cost(used),
            )
        )

    def _compute_cost(self, used: ModelRequestUsage) -> Decimal | None:
        if not used.is_measured:
            return None
        return self.model_prices.compute_cost(
            used.model,
            used.address,
            input_tokens=used.input_tokens,
            cache_read=used.cached_tokens,
            cache_write=used.cache_written_tokens,
            output_tokens=used.output_tokens,
        )
