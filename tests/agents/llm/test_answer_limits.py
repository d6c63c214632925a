"""A language model that does not come to an end, in a text, a thought or the arguments of a call, is left off."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from uuid import uuid4

import pytest
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models.function import AgentInfo, DeltaThinkingPart, DeltaToolCall, FunctionModel

from agents.llm import streaming
from agents.llm.loop import ModelLoop
from agents.llm.turns import FinalText, TextChunk
from core.exceptions import ModelUnavailable
from tests.support.fakes import FakeRecorder, anything, context, no_log
from tools.base import RunFacts
from tools.run_dispatcher import ToolDispatcher, ToolDispatcherFactory

pytestmark = pytest.mark.slow

FURTHER = 5_000  # pieces that the model would still have to say

SAYING: Mapping[str, Callable[[str], Any]] = {
    "text": lambda words: words,
    "thought": lambda words: {0: DeltaThinkingPart(content=words)},
    "arguments": lambda words: {0: DeltaToolCall(json_args=words)},
}


def create_dispatcher() -> ToolDispatcher:
    mine, factory = context(uuid4()), ToolDispatcherFactory(catalog={}, admit=anything)
    return factory.for_context(
        mine,
        agent="data",
        tools=(),
        recorder=FakeRecorder(),
        session=no_log(),
        facts=RunFacts(ask="?", goal_percent=None),
    )


async def ignore_text(words: TextChunk) -> None:
    pass


@pytest.mark.parametrize("kind", SAYING)
@pytest.mark.parametrize(
    ("size", "most"), [(1, streaming.MAX_ANSWER_PIECES), (1_000, streaming.MAX_ANSWER_CHARACTERS // 1_000)]
)
async def test_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch, kind: str, size: int, most: int) -> None:
    if size == 1:
        most = 500
        monkeypatch.setattr(streaming, "MAX_ANSWER_PIECES", most)
    said = 0

    async def endless(messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[Any]:
        nonlocal said
        if kind == "arguments":
            yield {0: DeltaToolCall(name="list_levers")}
        while said < most + FURTHER:
            said += 1
            yield SAYING[kind]("x" * size)

    talking = ModelLoop(model_factory=lambda plan: FunctionModel(stream_function=endless))
    async with create_dispatcher() as dispatcher:
        with pytest.raises(ModelUnavailable, match="answer couldn't be used"):
            await talking(
                lambda turn: FinalText("done"),
                dispatcher,
                instructions="",
                prompt="?",
                output_type=str,
                on_text=ignore_text,
            )
    assert said <= most + 10
