"""A plan followed by itself: the calls that a model along its lines would make, through the same dispatcher.

Without a model there is nothing for an agent loop to talk to, and the loop costs more than all the tools together.
"""

from functools import partial
from typing import TypeVar

from pydantic import TypeAdapter

from agents.metering import Meter
from agents.offloop import off_loop
from agents.planner import Answer, Call, Plan, Return, Say, Turn
from agents.thinking import Conversation, Heard
from netra.core.exceptions import Defect
from tools.dispatcher import ToolDispatcher
from tools.refusals import ToolFailed, ToolRefused

Out = TypeVar("Out")

MOVES = 25  # a plan that has not ended by then never will


async def follow_plan(
    plan: Plan,
    dispatcher: ToolDispatcher,
    *,
    instructions: str,
    prompt: str,
    output_type: type[Out],
    heard: Heard,
    meter: Meter | None = None,
) -> Conversation[Out]:
    """Make the plan's calls, in order, until it answers. A call that is refused or fails is told to the plan.

    `instructions`, `heard` and `meter` are for models only: a plan costs nothing. Raises Defect for one that does
    not end.
    """
    returns: list[Return] = []
    for _ in range(MOVES):
        move = await off_loop(prompt, partial(plan, Turn(prompt, tuple(returns))))
        if isinstance(move, Say | Answer):
            said = move.text if isinstance(move, Say) else dict(move.arguments)
            return Conversation(output=TypeAdapter(output_type).validate_python(said), messages=_history(returns))
        returns.extend([await _made(dispatcher, call) for call in move])
    raise Defect(f"a plan of {dispatcher.agent} did not end after {MOVES} moves")


async def _made(dispatcher: ToolDispatcher, call: Call) -> Return:
    try:
        result = await dispatcher.dispatch(call.tool, call.arguments)
    except (ToolRefused, ToolFailed) as error:
        return Return(call.tool, False, str(error))
    return Return(call.tool, True, result.shown)


def _history(returns: list[Return]) -> list[dict[str, object]]:
    # What the tools gave is in the events and in the step's output.
    return [{"tool": each.tool, "ok": each.ok} for each in returns]
