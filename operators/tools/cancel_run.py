"""Request that a user's run ends. Its worker stops it and publishes that in the user's stream."""

from dataclasses import dataclass
from uuid import UUID

from agents import runs
from agents.models import Run
from core.context import ConnectionContext
from core.i18n.text import text
from operators.base import OperatorTarget, OperatorTool, OperatorToolContext, find_run_target
from tools.base import DataKind, SideEffects, ToolInput


class CancelRunInput(ToolInput):
    run_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRunResult:
    """`state` as it is right after the request: a run under way ends when its worker has stopped it."""

    run_id: UUID
    user: str
    state: str


def find_target(wanted: CancelRunInput) -> OperatorTarget:
    return find_run_target(wanted.run_id)


def list_required_words(wanted: CancelRunInput) -> tuple[str, ...]:
    return (str(wanted.run_id),)


def run(wanted: CancelRunInput, reach: OperatorToolContext) -> CancelRunResult:
    found = runs.cancel_run(
        _load_run_context(reach.required_target.user_id, wanted.run_id), wanted.run_id, by_operator=True
    )
    return CancelRunResult(
        run_id=found.id, user=reach.required_target.username, state=Run.objects.get(id=found.id).state
    )


def _load_run_context(user_id: UUID, run_id: UUID) -> ConnectionContext:
    """The run's own, from its row: what is changed belongs to its user."""
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
    title=text("Stop a run"),
    description="Asks for the end of one run, by its id. The worker that has it stops it and tells its user.",
    input=CancelRunInput,
    run=run,
    permission="operating.cancel_run",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    result_kinds=frozenset({DataKind.FIGURES, DataKind.SENTENCES, DataKind.USER_NAMES}),
    find_target=find_target,
    list_required_words=list_required_words,
)
