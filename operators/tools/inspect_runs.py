"""List a user's latest runs: ids, states and times, without any text of the user's."""

from typing import Any

from pydantic import Field

from agents.models import Run
from core.db import as_user
from core.i18n.text import text
from operators.base import OperatorTarget, OperatorTool, OperatorToolContext, find_user_target
from tools.base import DataKind, SideEffects, ToolInput

RUN_COLUMNS = (
    *("id", "state", "degraded", "error", "attempt", "created_at", "started_at", "ended_at"),
    *("cancel_requested_at", "thread_id", "workload_id"),
)


class InspectRunsInput(ToolInput):
    user: str = Field(description="a user's name or id", max_length=150)
    count: int = Field(default=10, ge=1, le=50)


def find_target(arguments: InspectRunsInput) -> OperatorTarget:
    return find_user_target(arguments.user)


def run(arguments: InspectRunsInput, tool_context: OperatorToolContext) -> list[dict[str, Any]]:
    user_id = tool_context.required_target.user_id
    with as_user(user_id):
        return list(Run.objects.for_user(user_id).order_by("-created_at").values(*RUN_COLUMNS)[: arguments.count])


TOOL: OperatorTool[InspectRunsInput] = OperatorTool(
    name="inspect_runs",
    title=text("Latest runs"),
    description="Lists a user's latest runs: id, state, error code, attempt and times. None of the user's own text.",
    input=InspectRunsInput,
    run=run,
    permission="operating.inspect_runs",
    side_effects=SideEffects.NONE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES, DataKind.USER_NAMES}),
    find_target=find_target,
)
