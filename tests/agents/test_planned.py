import pytest
from pydantic import BaseModel

from agents.planned import follow_plan
from agents.planner import Answer, Call, Move, Plan, Say, Turn, call_each
from agents.thinking import Conversation, Words
from netra.core.exceptions import Defect
from tests.told import Told
from tests.tools.test_dispatcher import dispatcher


class Picked(BaseModel):
    number: int


async def unheard(words: Words) -> None:
    raise AssertionError("a plan is no model: nothing it says is told")


async def followed(plan: Plan, told: Told, output_type: type = str) -> Conversation:  # type: ignore[type-arg]
    async with dispatcher(told) as hands:
        return await follow_plan(
            plan, hands, instructions="", prompt="how many?", output_type=output_type, heard=unheard
        )


async def test_its_calls_go_through_the_dispatcher_and_come_back_to_it() -> None:
    def plan(turn: Turn) -> Move:
        found = turn.last("double")
        assert turn.ask == "how many?"
        return Answer({"number": found.content}) if found else [Call("double", {"amount": 21})]

    told = Told()
    talk = await followed(plan, told, Picked)
    assert talk.output == Picked(number=42)
    assert talk.messages == [{"tool": "double", "ok": True}]
    assert [event.type for event in told.events] == ["tool_executing", "tool_completed"]


@pytest.mark.parametrize("tool", ["double", "unknown"])
async def test_what_is_refused_is_told_to_the_plan(tool: str) -> None:
    told = Told()
    talk = await followed(call_each(tool), told)
    assert (talk.output, talk.messages) == ("Done.", [{"tool": tool, "ok": False}])


async def test_a_plan_that_does_not_end_is_a_defect() -> None:
    def endless(turn: Turn) -> Move:
        return [Call("double", {"amount": 1})]

    with pytest.raises(Defect):
        await followed(endless, Told())
    assert isinstance(call_each()(Turn("?", ())), Say)
