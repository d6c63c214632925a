"""Results that are larger than what is told of them: kept beside the events, fetched by who wants to see all."""

import json
from uuid import UUID

from django.db.models import F, Q, Sum

from netra.core.events import ToolCompleted
from netra.core.exceptions import NotFound
from netra.core.floor import Bytes
from netra.core.scope import as_user
from netra.core.secrets import scrubbed
from netra.core.whole import Whole
from netra.language.text import text
from tools.models import CallResult


def keep(user_id: UUID, event: ToolCompleted, whole: Whole) -> None:
    """In the transaction that stores the event."""
    CallResult.objects.create(
        owner_id=user_id,
        run_id=event.run_id,
        request_id=event.request_id,
        call_id=event.call_id,
        tool=event.tool,
        # As events are when they are stored: what the preview does not tell, this does not either.
        result=json.loads(scrubbed(json.dumps(whole.result, ensure_ascii=False))),
        complete=whole.complete,
    )


def result_of(user_id: UUID, run_id: UUID, call_id: str, request_id: UUID | None = None) -> CallResult:
    """The latest of that name in the run, or in one turn of it. Raises NotFound."""
    with as_user(user_id):
        found = CallResult.objects.for_user(user_id).filter(run_id=run_id, call_id=call_id)
        if request_id is not None:
            found = found.filter(request_id=request_id)
        result: CallResult | None = found.order_by("-id").first()
    if result is None:
        raise NotFound(text("There is no such result among yours, or its run told all of it."))
    return result


def forget_results(user_id: UUID, of_runs: Q) -> None:
    """`of_runs` is a condition on `run_id`."""
    CallResult.objects.for_user(user_id).filter(of_runs).delete()


def results_size(user_id: UUID, of_runs: Q) -> int:
    """In bytes."""
    found = CallResult.objects.for_user(user_id).filter(of_runs)
    size: int | None = found.aggregate(size=Sum(Bytes(F("result"))))["size"]
    return size or 0
