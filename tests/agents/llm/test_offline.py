import pytest
from pydantic import BaseModel

from agents.llm.offline import follow_plan
from agents.llm.turns import (
    FinalOutput,
    FinalText,
    ModelTurn,
    OfflinePlan,
    PlanAction,
    PlanHistory,
    PlannedCall,
    TextChunk,
    build_call_plan,
)
from core.exceptions import Defect
from tests.support.fakes import FakeRecorder
from tests.tools.test_dispatcher import build_dispatcher as create_dispatcher


class PickedNumber(BaseModel):
    number: int


async def unheard(words: TextChunk) -> None:
    raise AssertionError("a plan is no model: nothing it says is told")


async def follow_offline_plan(plan: OfflinePlan, told: FakeRecorder, output_type: type = str) -> ModelTurn:  # type: ignore[type-arg]
    async with create_dispatcher(told) as dispatcher:
        return await follow_plan(
            plan, dispatcher, instructions="", prompt="how many?", output_type=output_type, on_text=unheard
        )


async def test_a_plans_calls_use_the_dispatcher() -> None:
    def plan(turn: PlanHistory) -> PlanAction:
        found = turn.find_last("double")
        assert turn.ask == "how many?"
        return FinalOutput({"number": found.content}) if found else [PlannedCall("double", {"amount": 21})]

    told = FakeRecorder()
    talk = await follow_offline_plan(plan, told, PickedNumber)
    assert talk.output == PickedNumber(number=42)
    assert talk.messages == [{"tool": "double", "ok": True}]
    assert [event.type for event in told.events] == ["tool_executing", "tool_completed"]


@pytest.mark.parametrize("tool", ["double", "unknown"])
async def test_a_refusal_is_returned_to_the_plan(tool: str) -> None:
    told = FakeRecorder()
    talk = await follow_offline_plan(build_call_plan(tool), told)
    assert (talk.output, talk.messages) == ("Done.", [{"tool": tool, "ok": False}])


async def test_an_endless_plan_is_a_defect() -> None:
    def endless(turn: PlanHistory) -> PlanAction:
        return [PlannedCall("double", {"amount": 1})]

    with pytest.raises(Defect):
        await follow_offline_plan(endless, FakeRecorder())
    assert isinstance(build_call_plan()(PlanHistory("?", ())), FinalText)
