"""Follow an agent's plan without a language model: the same calls, through the same dispatcher.

There is no model to talk to, and pydantic-ai's loop costs more than all the tools together."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from pydantic import TypeAdapter

from agents.llm.metering import Meter
from agents.llm.turns import (
    NO_LIMITS,
    FinalOutput,
    FinalText,
    ModelOutput,
    ModelTurn,
    OfflinePlan,
    OnText,
    PlanHistory,
    PlannedCall,
    PlannedCallResult,
    TurnLimits,
)
from core.exceptions import Defect
from tools.dispatcher import CallDispatcher
from tools.errors import ToolFailed, ToolRefused
from tools.results import ToolResult

MAX_PLAN_ACTIONS = 25  # a plan that has not ended by then never will


async def follow_plan(
    plan: OfflinePlan,
    dispatcher: CallDispatcher[Any, Any],
    *,
    instructions: str,
    prompt: str,
    output_type: type[ModelOutput],
    on_text: OnText,
    meter: Meter | None = None,
    limits: TurnLimits = NO_LIMITS,
) -> ModelTurn[ModelOutput]:
    """Make the plan's calls in order until it answers. Refused and failed calls are results too.

    `instructions`, `on_text`, `meter` and `limits` are for models only: a plan costs nothing. Raises Defect for a plan
    that does not end.
    """
    results: list[PlannedCallResult] = []
    for _ in range(MAX_PLAN_ACTIONS):
        action = await run_off_loop(prompt, partial(plan, PlanHistory(prompt, tuple(results))))
        if isinstance(action, FinalText | FinalOutput):
            return ModelTurn(output=_to_output(action, output_type), messages=_to_messages(results))
        ended = await dispatcher.dispatch_all([(call.tool, call.arguments) for call in action])
        results.extend(map(_to_call_result, action, ended))
    raise Defect(f"a plan of {dispatcher.agent} did not end after {MAX_PLAN_ACTIONS} actions")


def _to_call_result(call: PlannedCall, ended: ToolResult | ToolRefused | ToolFailed) -> PlannedCallResult:
    if isinstance(ended, ToolResult):
        return PlannedCallResult(call.tool, True, ended.user_view)
    return PlannedCallResult(call.tool, False, str(ended))


def _to_output(action: FinalText | FinalOutput, output_type: type[ModelOutput]) -> ModelOutput:
    answer = action.text if isinstance(action, FinalText) else dict(action.arguments)
    if type(answer) is output_type:
        return answer  # building an adapter takes longer than following most plans
    output: ModelOutput = TypeAdapter(output_type).validate_python(answer)
    return output


def _to_messages(results: list[PlannedCallResult]) -> list[dict[str, object]]:
    # The tools' results are in the events and in the step's output.
    return [{"tool": each.tool, "ok": each.ok} for each in results]


ReadResult = TypeVar("ReadResult")

MAX_INLINE_CHARACTERS = 1000
"""A shorter question is processed at once: a thread would cost more than the work, and nearly all are shorter."""


async def run_off_loop(ask: str, read: Callable[[], ReadResult]) -> ReadResult:
    """Return the result of `read`, which processes `ask`: on a thread if that is long, so as not to block the loop."""
    return read() if len(ask) <= MAX_INLINE_CHARACTERS else await asyncio.to_thread(read)
