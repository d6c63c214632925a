import pytest
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.messages import ModelRequest, ToolReturnPart, UserPromptPart

from agents.plannedmodel import offline_model, read
from agents.planner import Answer, Call, Return, Say, Turn, call_each


class Picked(BaseModel):
    number: int


def test_it_reads_the_history() -> None:
    history = [
        ModelRequest(parts=[UserPromptPart("why?")]),
        ModelRequest(
            parts=[
                ToolReturnPart("count", 3, tool_call_id="1"),
                ToolReturnPart("price", "no prices", tool_call_id="2", outcome="failed"),
            ]
        ),
    ]
    turn = read(history)
    assert turn == Turn("why?", (Return("count", True, 3), Return("price", False, "no prices")))
    assert turn.last("count") == Return("count", True, 3)
    assert turn.last("other") is None


def test_calling_each_calls_once_in_order_and_stops() -> None:
    plan = call_each("a", "b")
    assert plan(Turn("?", ())) == [Call("a", {}), Call("b", {})]
    assert plan(Turn("?", (Return("a", False, "failed"),))) == [Call("b", {})]
    assert isinstance(plan(Turn("?", (Return("a", True, 1), Return("b", True, 1)))), Say)


def count(turn: Turn) -> Answer | list[Call]:
    found = turn.last("count")
    return Answer({"number": found.content}) if found else [Call("count", {"of": "rows"})]


@pytest.mark.parametrize("streaming", [False, True])
async def test_it_goes_through_the_loop_of_any_model(streaming: bool) -> None:
    agent = Agent(offline_model(count), output_type=Picked)

    @agent.tool_plain(name="count")
    def count_of(of: str) -> int:
        return len(of)

    heard: list[object] = []

    async def listen(_: object, events: object) -> None:
        heard.extend([event async for event in events])  # type: ignore[attr-defined]

    result = await agent.run("how many?", event_stream_handler=listen if streaming else None)
    assert result.output == Picked(number=4)
    assert bool(heard) is streaming


async def test_it_can_just_talk() -> None:
    def polite(turn: Turn) -> Say:
        return Say(f"You said {turn.ask}")

    assert (await Agent(offline_model(polite)).run("hello")).output == "You said hello"
    async with Agent(offline_model(polite)).run_stream("hello") as stream:
        assert await stream.get_output() == "You said hello"
