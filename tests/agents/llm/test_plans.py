import pytest
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.messages import ModelRequest, ToolReturnPart, UserPromptPart

from agents.llm.turns import FinalOutput, FinalText, PlanHistory, PlannedCall, PlannedCallResult, build_call_plan
from tests.support.llm.plan_models import build_plan_model, to_plan_history


class PickedNumber(BaseModel):
    number: int


def test_a_plan_reads_the_history() -> None:
    history = [
        ModelRequest(parts=[UserPromptPart("why?")]),
        ModelRequest(
            parts=[
                ToolReturnPart("count", 3, tool_call_id="1"),
                ToolReturnPart("price", "no prices", tool_call_id="2", outcome="failed"),
            ]
        ),
    ]
    turn = to_plan_history(history)
    assert turn == PlanHistory(
        "why?", (PlannedCallResult("count", True, 3), PlannedCallResult("price", False, "no prices"))
    )
    assert turn.find_last("count") == PlannedCallResult("count", True, 3)
    assert turn.find_last("other") is None


def test_the_default_plan_calls_each_tool_once_in_order() -> None:
    plan = build_call_plan("a", "b")
    assert plan(PlanHistory("?", ())) == [PlannedCall("a", {}), PlannedCall("b", {})]
    assert plan(PlanHistory("?", (PlannedCallResult("a", False, "failed"),))) == [PlannedCall("b", {})]
    assert isinstance(
        plan(PlanHistory("?", (PlannedCallResult("a", True, 1), PlannedCallResult("b", True, 1)))), FinalText
    )


def count(turn: PlanHistory) -> FinalOutput | list[PlannedCall]:
    found = turn.find_last("count")
    return FinalOutput({"number": found.content}) if found else [PlannedCall("count", {"of": "rows"})]


@pytest.mark.parametrize("streaming", [False, True])
async def test_a_plan_runs_in_the_model_loop(streaming: bool) -> None:
    agent = Agent(build_plan_model(count), output_type=PickedNumber)

    @agent.tool_plain(name="count")
    def count_of(of: str) -> int:
        return len(of)

    heard: list[object] = []

    async def listen(_: object, events: object) -> None:
        heard.extend([event async for event in events])  # type: ignore[attr-defined]

    result = await agent.run("how many?", event_stream_handler=listen if streaming else None)
    assert result.output == PickedNumber(number=4)
    assert bool(heard) is streaming


async def test_a_plan_may_only_return_text() -> None:
    def polite(turn: PlanHistory) -> FinalText:
        return FinalText(f"You said {turn.ask}")

    assert (await Agent(build_plan_model(polite)).run("hello")).output == "You said hello"
    async with Agent(build_plan_model(polite)).run_stream("hello") as stream:
        assert await stream.get_output() == "You said hello"
