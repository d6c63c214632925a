"""Request that a user's run ends. Its worker stops it and publishes that in the user's stream."""

from dataclasses import dataclass
from uuid import UUID

from agents import runs
from agents.models import Run
from core.context import ConnectionContext
from core.db import as_user
from core.i18n.text import text
from operators.base import OperatorTarget, OperatorTool, OperatorToolContext, find_run_target
from tools.base import DataKind, SideEffects, ToolInput


class CancelRunInput(ToolInput):
    run_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRunResult:
    """`state` is that right after the request: a running run ends when its worker has stopped it."""

    run_id: UUID
    user: str
    state: str


def find_target(arguments: CancelRunInput) -> OperatorTarget:
    return find_run_target(arguments.run_id)


def list_required_words(arguments: CancelRunInput) -> tuple[str, ...]:
    return (str(arguments.run_id),)


def run(arguments: CancelRunInput, tool_context: OperatorToolContext) -> CancelRunResult:
    user_id = tool_context.required_target.user_id
    cancelled = runs.cancel_run(
        _load_run_context(user_id, arguments.run_id),
        arguments.run_id,
        by_operator=True,
        publish=tool_context.publish,
    )
    with as_user(user_id):
        state = Run.objects.for_user(user_id).get(id=cancelled.id).state
    return CancelRunResult(run_id=cancelled.id, user=tool_context.required_target.username, state=state)


def _load_run_context(user_id: UUID, run_id: UUID) -> ConnectionContext:
    """Return the context of the run's own user, to whom the changed rows belong."""
    with as_user(user_id):
        row = Run.objects.for_user(user_id).get(id=run_id)
    return ConnectionContext(
        user_id=row.owner_id,
        request_id=row.request_id,
        connection_id=row.connection_id,
        created_at=row.created_at,
        locale=row.locale,
    )


TOOL: OperatorTool[CancelRunInput] = OperatorTool(
    name="cancel_run",
    title=text("Cancel a run"),
    description="Cancels one run by its id. Its worker stops it, and its user sees that.",
    input=CancelRunInput,
    run=run,
    permission="operating.cancel_run",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES, DataKind.USER_NAMES}),
    find_target=find_target,
    list_required_words=list_required_words,
)
