"""A user's opinion of an answer or of a report's lever. Operators see counts, and words only with consent."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from agents.models import Feedback, Run, RunState
from agents.queries import get_report
from core.db import as_user, retry_on_conflict
from core.exceptions import BadInput
from core.i18n.text import text
from core.json_data import to_storable

MAX_REASON = 1_000  # characters


@retry_on_conflict
def give_feedback(user_id: UUID, run_id: UUID, *, lever: str = "", helpful: bool, reason: str = "") -> None:
    """Store the opinion of a finished run's answer, or of a lever of its report, in place of an earlier one.

    Raises NotFound for another user's run, and BadInput for a run that has not been answered or lacks this lever.
    """
    if lever and all(found.get("name") != lever for found in get_report(user_id, run_id).get("levers", ())):
        raise BadInput(text("This report has no such lever."))
    with as_user(user_id, atomic=True):
        run: Run = Run.objects.select_for_update().get_for(user_id, run_id)
        if run.state != RunState.COMPLETED:
            raise BadInput(text("There is no answer to rate yet."))
        Feedback.objects.update_or_create(
            owner_id=user_id,
            run=run,
            lever=lever,
            defaults={"helpful": helpful, "reason": to_storable(reason).strip()[:MAX_REASON]},
        )


def withdraw_feedback(user_id: UUID, run_id: UUID, *, lever: str = "") -> None:
    """Delete an opinion; without one nothing changes. Raises NotFound for another user's run."""
    with as_user(user_id):
        run: Run = Run.objects.get_for(user_id, run_id)
        Feedback.objects.for_user(user_id).filter(run=run, lever=lever).delete()


def load_feedback(user_id: UUID, run_ids: Iterable[UUID]) -> Mapping[UUID, list[Feedback]]:
    """Return the user's opinions by run, the answer's first."""
    found: dict[UUID, list[Feedback]] = {}
    with as_user(user_id):
        for row in Feedback.objects.for_user(user_id).filter(run_id__in=list(run_ids)).order_by("lever"):
            found.setdefault(row.run_id, []).append(row)
    return found
