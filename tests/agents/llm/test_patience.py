"""A silent or slow model is given up on; time in which a tool runs is not the model's."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, FunctionModel

from agents.llm.loop import ModelLoop
from agents.llm.turns import FinalText, Patience, TurnLimits
from core.exceptions import ModelUnavailable
from tests.agents.llm.test_answer_limits import create_dispatcher, ignore_text
from tests.support.patience import PATIENCE


async def give_up(model: FunctionModel, limits: TurnLimits) -> None:
    talking = ModelLoop(model_factory=lambda plan: model)
    async with create_dispatcher() as dispatcher, asyncio.timeout(PATIENCE):
        with pytest.raises(ModelUnavailable, match="didn't respond in time"):
            await talking(
                lambda turn: FinalText("done"),
                dispatcher,
                instructions="",
                prompt="?",
                output_type=str,
                on_text=ignore_text,
                limits=limits,
            )


@pytest.mark.parametrize("said", [(), ("Well, ",)])
async def test_a_silent_model_is_given_up_on(said: tuple[str, ...]) -> None:
    async def hang(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[Any]:
        for words in said:
            yield words
        await asyncio.Event().wait()
        yield "never"

    await give_up(FunctionModel(stream_function=hang), TurnLimits(silence_seconds=0.2))


async def test_a_model_that_writes_forever_is_given_up_on_however_steadily() -> None:
    async def drip(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[Any]:
        while True:
            yield "x"
            await asyncio.sleep(0.01)

    await give_up(FunctionModel(stream_function=drip), TurnLimits(silence_seconds=PATIENCE, seconds=0.3))


async def test_the_time_of_a_tool_does_not_count() -> None:
    async with Patience(TurnLimits(silence_seconds=0.2, seconds=0.2)) as patience:
        patience.notice(is_tool_running=True)
        await asyncio.sleep(0.5)
        patience.notice(is_tool_running=False)


async def test_the_limits_are_set_while_it_waits() -> None:
    async with Patience(TurnLimits(silence_seconds=PATIENCE, seconds=2 * PATIENCE)) as patience:
        due = patience._timeout.when()
        assert due is not None
        assert due - asyncio.get_running_loop().time() <= PATIENCE
        patience.notice(is_tool_running=True)
        assert patience._timeout.when() is None


async def test_without_limits_it_waits() -> None:
    async with Patience(TurnLimits()) as patience:
        patience.notice(is_tool_running=False)
        await asyncio.sleep(0)
