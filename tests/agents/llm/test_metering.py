"""Every request to a language model goes by the meter: refused before it is made, recorded after."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

from agents.llm.loop import ModelLoop
from agents.llm.metering import ModelPrices, ModelRequestUsage, RunMeter
from agents.llm.turns import FinalText, TextChunk
from core.context import UserExecutionContext
from core.events import BudgetWarning
from tests.conftest import People
from tests.support.fakes import FakeRecorder, anything, context, no_log
from tests.tools.spending.spend_rows import budget, spend
from tools.base import RunFacts
from tools.calls import AlertedBudgets
from tools.run_dispatcher import ToolDispatcher, ToolDispatcherFactory
from tools.spending.budgets import BudgetExhausted
from tools.spending.ledger import SpendEntry

OPENAI = "https://api.openai.com/v1"
PRICES = ModelPrices()


def cost(model: str, address: str | None, **tokens: int) -> Decimal | None:
    every = {"input_tokens": 1000, "cache_read": 400, "cache_write": 0, "output_tokens": 100} | tokens
    return PRICES.compute_cost(model, address, **every)


def test_a_listed_model_s_price_with_its_cache() -> None:
    # gpt-4o: 2.50 USD per million in, 1.25 from the cache, 10.00 out.
    assert cost("gpt-4o", OPENAI) == Decimal("0.0015") + Decimal("0.0005") + Decimal("0.001")
    assert cost("gpt-4o-2024-08-06", f"{OPENAI}/", cache_read=0) == Decimal("0.0035")


@pytest.mark.parametrize(
    ("model", "address"),
    [("house-model", OPENAI), ("gpt-4o", "http://127.0.0.1:8000/v1"), ("gpt-4o", None), ("", OPENAI)],
)
def test_an_unlisted_model_has_an_unknown_price(model: str, address: str | None) -> None:
    assert cost(model, address) is None


@dataclass(slots=True)
class RecordedSpend:
    """What was recorded."""

    entries: list[SpendEntry] = field(default_factory=list)

    async def __call__(self, entry: SpendEntry) -> None:
        self.entries.append(entry)


def create_meter(whose: UserExecutionContext, told: FakeRecorder, kept: RecordedSpend, **changes: Any) -> RunMeter:
    fields: dict[str, Any] = {"context": whose, "agent": "data", "emitter": told, "emit_entry": kept}
    return RunMeter(**fields | {"model_prices": PRICES, "alerted_budgets": AlertedBudgets()} | changes)


def used(**more: Any) -> ModelRequestUsage:
    tokens = {"input_tokens": 1000, "output_tokens": 100, "cached_tokens": 400, "cache_written_tokens": 0}
    fields: dict[str, Any] = {"model": "gpt-4o", "address": OPENAI} | tokens | more
    return ModelRequestUsage(**fields)


async def test_a_request_is_a_spending_entry_of_its_user_and_run() -> None:
    whose, told, kept = context(), FakeRecorder(), RecordedSpend()
    await create_meter(whose, told, kept).record_usage(used())
    await create_meter(whose, told, kept).record_usage(used(address="http://127.0.0.1/v1"))
    await create_meter(whose, told, kept).record_usage(
        used(input_tokens=0, output_tokens=0, cached_tokens=0, is_measured=False)
    )
    first, elsewhere, untold = kept.entries
    assert (first.user_id, first.run_id) == (whose.user_id, whose.run_id)
    assert (first.kind, first.name, first.input_tokens, first.cached_tokens, first.output_tokens) == (
        *("model", "gpt-4o"),
        *(1000, 400, 100),
    )
    assert first.cost == Decimal("0.003")
    assert elsewhere.cost is None
    assert untold.cost is None


class Model(FunctionModel):
    """Answers with a word, as if it were the real server's; `asked` counts."""

    def __init__(self) -> None:
        self.asked = 0
        super().__init__(self._answer, stream_function=self._stream, model_name="gpt-4o")

    def _answer(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        self.asked += 1
        usage = RequestUsage(input_tokens=1000, output_tokens=100, cache_read_tokens=400)
        return ModelResponse(parts=[TextPart("done")], usage=usage, provider_url=OPENAI)

    async def _stream(self, messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[str]:
        self.asked += 1
        yield "do"
        yield "ne"


async def talk(model: Model, meter: RunMeter, *, streaming: bool) -> str:
    async def ignore_text(words: TextChunk) -> None:
        pass

    talking = ModelLoop(model_factory=lambda plan: model, streaming=streaming)
    async with no_tools(meter.context) as dispatcher:
        said = await talking(
            lambda turn: FinalText("unused"),
            dispatcher,
            instructions="",
            prompt="go",
            output_type=str,
            on_text=ignore_text,
            meter=meter,
        )
    return said.output


def no_tools(whose: UserExecutionContext) -> ToolDispatcher:
    factory = ToolDispatcherFactory(catalog=MappingProxyType({}), admit=anything)
    return factory.for_context(
        whose, agent="data", tools=(), recorder=FakeRecorder(), session=no_log(), facts=RunFacts(ask="go")
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("streaming", [False, True])
async def test_a_model_s_request_is_recorded(people: People, streaming: bool) -> None:
    whose, told, kept, model = context(people.owner.id), FakeRecorder(), RecordedSpend(), Model()
    assert await talk(model, create_meter(whose, told, kept), streaming=streaming) == "done"
    (entry,) = kept.entries
    assert model.asked == 1
    assert entry.output_tokens > 0
    # A stream without an address is of a server that nobody knows.
    assert entry.cost == (None if streaming else Decimal("0.003"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("streaming", [False, True])
async def test_over_budget_no_request_is_made(people: People, streaming: bool) -> None:
    whose, told, kept, model = context(people.owner.id), FakeRecorder(), RecordedSpend(), Model()
    await sync_to_async(budget)("0.5", name="Trial")
    await sync_to_async(spend)(people.owner.id, "0.5")
    with pytest.raises(BudgetExhausted, match=r"Monthly budget “Trial” \(\$0.50\) is used up: \$0.50 spent"):
        await talk(model, create_meter(whose, told, kept), streaming=streaming)
    assert model.asked == 0
    assert kept.entries == []


@pytest.mark.django_db(transaction=True)
async def test_a_nearly_used_up_budget_is_reported_once(people: People) -> None:
    whose, told, kept, warned = context(people.owner.id), FakeRecorder(), RecordedSpend(), AlertedBudgets()
    await sync_to_async(budget)("0.5", name="Trial")
    await sync_to_async(spend)(people.owner.id, "0.4")
    for _ in range(2):  # two agents of the run
        meter = create_meter(whose, told, kept, alerted_budgets=warned)
        await meter.check_budget()
        await meter.check_budget()
    (event,) = told.events
    assert isinstance(event, BudgetWarning)
    assert (event.budget, event.spent, event.limit, event.currency) == ("Trial", "0.40", "0.50", "USD")
