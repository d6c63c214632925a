"""A request that a run ends, as its user would make it: who works on it stops it, and tells so in the user's stream."""

from dataclasses import dataclass
from uuid import UUID

from agents import runs
from agents.models import Run
from netra.core.context import ConnectionContext
from netra.language.text import text
from netra.operating.base import Concern, OperatorTool, Reach
from netra.operating.whom import owner_of
from tools.base import SideEffects, ToolInput
from tools.kinds import Kind


class Wanted(ToolInput):
    run_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """`state` as it is right after the request: a run under way ends when its worker has stopped it."""

    run_id: UUID
    user: str
    state: str


def concern(wanted: Wanted) -> Concern:
    return owner_of(wanted.run_id)


def named(wanted: Wanted) -> tuple[str, ...]:
    return (str(wanted.run_id),)


def run(wanted: Wanted, reach: Reach) -> Requested:
    found = runs.cancel(_of(reach.about.user_id, wanted.run_id), wanted.run_id, by_operator=True)
    return Requested(run_id=found.id, user=reach.about.username, state=Run.objects.get(id=found.id).state)


def _of(user_id: UUID, run_id: UUID) -> ConnectionContext:
    """The run's own, from its row: what is changed belongs to its user."""
    row = Run.objects.for_user(user_id).get(id=run_id)
    return ConnectionContext(
        user_id=row.owner_id,
        request_id=row.request_id,
        connection_id=row.connection_id,
        created_at=row.created_at,
        locale=row.locale,
    )


TOOL: OperatorTool[Wanted] = OperatorTool(
    name="cancel_run",
    title=text("Stop a run"),
    description="Asks for the end of one run, by its id. The worker that has it stops it and tells its user.",
    input=Wanted,
    run=run,
    permission="operating.cancel_run",
    side_effects=SideEffects.OUTSIDE,
    idempotent=True,
    holds=frozenset({Kind.FIGURES, Kind.WORDS, Kind.USER_NAMES}),
    concerns=concern,
    named=named,
)
