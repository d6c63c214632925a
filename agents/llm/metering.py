"""Check the budget before each request to a language model, and record the cost after it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from genai_prices.data_snapshot import get_snapshot

from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.context import UserExecutionContext
from core.events import Emitter
from tools.calls import AlertedBudgets, to_budget_warning
from tools.spending.budgets import check_budgets
from tools.spending.ledger import SpendEntry
from workloads.pricing.price_list import PriceList
from workloads.pricing.rates import Rate, list_rates


@dataclass(frozen=True, slots=True)
class ModelPrices:
    """The prices of the price library. Make one per process, because making it reads the whole list."""

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
        """Return the cost in US dollars at the current price.

        None for a model or server that is not in the list: a self-hosted model does not cost the list price.
        """
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
    """Return the list's name of the provider that runs the server at this address."""
    if not address:
        return None
    return next((each.id for each in get_snapshot().providers if re.match(each.api_pattern, address)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRequestUsage:
    """The usage of one request, as the model's server reports it.

    `input_tokens` includes tokens read from and written to a cache. `address` is the server's, None if the model has no
    server. Without `is_measured` the server reported no tokens, which does not mean that the request cost nothing.
    """

    model: str
    address: str | None
    is_measured: bool = True
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    cache_written_tokens: int


class Meter(Protocol):
    """Called around each request of one agent's turn to a language model."""

    async def check_budget(self) -> None:
        """Raise BudgetExhausted if the request may not be made."""

    async def record_usage(self, usage: ModelRequestUsage) -> None:
        """Record the usage of a request that was made, at least in part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMeter:
    """The meter of one agent's turn in one run. `emit_entry` passes the cost of a request on to be recorded."""

    context: UserExecutionContext
    agent: str
    emitter: Emitter
    emit_entry: Callable[[SpendEntry], Awaitable[None]]
    model_prices: ModelPrices
    alerted_budgets: AlertedBudgets
    database: DatabaseExecutor = field(default_factory=SharedThreadExecutor)

    async def check_budget(self) -> None:
        user_id, run_id = self.context.user_id, self.context.run_id
        budgets = await self.database.run(user_id, check_budgets, user_id, run_id, tool=None)
        for budget in self.alerted_budgets.add_new(budgets):
            await self.emitter.emit(to_budget_warning(budget, self.context, self.agent))

    async def record_usage(self, usage: ModelRequestUsage) -> None:
        await self.emit_entry(
            SpendEntry(
                user_id=self.context.user_id,
                run_id=self.context.run_id,
                kind="model",
                name=usage.model,
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                cached_tokens=usage.cached_tokens,
                cost=self._compute_cost(usage),
            )
        )

    def _compute_cost(self, usage: ModelRequestUsage) -> Decimal | None:
        if not usage.is_measured:
            return None
        return self.model_prices.compute_cost(
            usage.model,
            usage.address,
            input_tokens=usage.input_tokens,
            cache_read=usage.cached_tokens,
            cache_write=usage.cache_written_tokens,
            output_tokens=usage.output_tokens,
        )
