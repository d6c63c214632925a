"""A user's latest runs: ids, states and times; not a word of what was said."""

from typing import Any

from pydantic import Field

from agents.models import Run
from netra.core.scope import as_user
from netra.language.text import text
from netra.operating.base import Concern, OperatorTool, Reach
from netra.operating.whom import user_named
from tools.base import SideEffects, ToolInput
from tools.kinds import Kind

COLUMNS = (
    *("id", "state", "degraded", "error", "attempt", "created_at", "started_at", "ended_at"),
    *("cancel_requested_at", "thread_id", "workload_id"),
)


class Wanted(ToolInput):
    user: str = Field(description="a user's name or id", max_length=150)
    count: int = Field(default=10, ge=1, le=50)


def concern(wanted: Wanted) -> Concern:
    return user_named(wanted.user)


def run(wanted: Wanted, reach: Reach) -> list[dict[str, Any]]:
    user_id = reach.about.user_id
    with as_user(user_id):
        return list(Run.objects.for_user(user_id).order_by("-created_at").values(*COLUMNS)[: wanted.count])


TOOL: OperatorTool[Wanted] = OperatorTool(
    name="inspect_runs",
    title=text("Runs of a user"),
    description="Lists a user's latest runs: id, state, error code, attempt, times. No text of the user's.",
    input=Wanted,
    run=run,
    permission="operating.inspect_runs",
    side_effects=SideEffects.NONE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.WORDS, Kind.USER_NAMES}),
    concerns=concern,
)
