"""Follow an agent's plan without a language model: the same calls, through the same dispatcher.

There is no model to talk to, and pydantic-ai's loop costs more than all the tools together."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from pydantic import TypeAdapter

from agents.llm.metering import Meter
from agents.llm.turns import (
    FinalOutput,
    FinalText,
    ModelTurn,
    OfflinePlan,
    OnText,
    PlanHistory,
    PlannedCall,
    PlannedCallResult,
)
from core.exceptions import Defect
from tools.dispatcher import ToolDispatcher
from tools.errors import ToolFailed, ToolRefused

ModelOutput = TypeVar("ModelOutput")

MAX_PLAN_ACTIONS = 25  # a plan that has not ended by then never will


async def follow_plan(
    plan: OfflinePlan,
    dispatcher: ToolDispatcher,
    *,
    instructions: str,
    prompt: str,
    output_type: type[ModelOutput],
    on_text: OnText,
    meter: Meter | None = None,
) -> ModelTurn[ModelOutput]:
    """Make the plan's calls, in order, until it answers. A call that is refused or fails is told to the plan.

    `instructions`, `on_text` and `meter` are for models only: a plan costs nothing. Raises Defect for one that does
    not end.
    """
    returns: list[PlannedCallResult] = []
    for _ in range(MAX_PLAN_ACTIONS):
        move = await run_off_loop(prompt, partial(plan, PlanHistory(prompt, tuple(returns))))
        if isinstance(move, FinalText | FinalOutput):
            said = move.text if isinstance(move, FinalText) else dict(move.arguments)
            return ModelTurn(output=TypeAdapter(output_type).validate_python(said), messages=_to_messages(returns))
        returns.extend([await _execute_call(dispatcher, call) for call in move])
    raise Defect(f"a plan of {dispatcher.agent} did not end after {MAX_PLAN_ACTIONS} moves")


async def _execute_call(dispatcher: ToolDispatcher, call: PlannedCall) -> PlannedCallResult:
    try:
        result = await dispatcher.dispatch(call.tool, call.arguments)
    except (ToolRefused, ToolFailed) as error:
        return PlannedCallResult(call.tool, False, str(error))
    return PlannedCallResult(call.tool, True, result.user_view)


def _to_messages(returns: list[PlannedCallResult]) -> list[dict[str, object]]:
    # What the tools gave is in the events and in the step's output.
    return [{"tool": each.tool, "ok": each.ok} for each in returns]


ReadResult = TypeVar("ReadResult")

MAX_INLINE_CHARACTERS = 1000
"""Characters of an ask that is read at once: nearly all are, and a thread costs more than the reading."""


async def run_off_loop(ask: str, read: Callable[[], ReadResult]) -> ReadResult:
    """What `read` returns, which looks through `ask`: on a thread where that is long, so that nobody waits for it."""
    return read() if len(ask) <= MAX_INLINE_CHARACTERS else await asyncio.to_thread(read)
