"""Results that are larger than their event's preview: stored beside the events, and read on request."""

import json
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q, Sum
from pydantic import JsonValue

from core.db import as_user
from core.events import ToolCompleted
from core.exceptions import NotFound
from core.redaction import redact
from core.stream.retention import JsonByteLength
from tools.models import CallResult


@dataclass(frozen=True, slots=True)
class FullResult:
    """A result whose event has only a preview of it. Not `is_complete` if it was too large to be stored in full."""

    result: JsonValue
    is_complete: bool


def save_result(user_id: UUID, event: ToolCompleted, full_result: FullResult) -> None:
    """Store a result, in the transaction that stores its event."""
    CallResult.objects.create(
        owner_id=user_id,
        run_id=event.run_id,
        request_id=event.request_id,
        call_id=event.call_id,
        tool=event.tool,
        # Redacted as events are when they are stored, so that it shows nothing that the preview hides.
        result=json.loads(redact(json.dumps(full_result.result, ensure_ascii=False))),
        complete=full_result.is_complete,
    )


def get_result(user_id: UUID, run_id: UUID, call_id: str, request_id: UUID | None = None) -> CallResult:
    """Return the latest result with this call id in the run, or in one turn of it. Raises NotFound."""
    with as_user(user_id):
        found = CallResult.objects.for_user(user_id).filter(run_id=run_id, call_id=call_id)
        if request_id is not None:
            found = found.filter(request_id=request_id)
        result: CallResult | None = found.order_by("-id").first()
    if result is None:
        raise NotFound(CallResult.NOT_FOUND)
    return result


def delete_results(user_id: UUID, of_runs: Q) -> None:
    """Delete a user's results of the runs that fulfil `of_runs`, a condition on `run_id`."""
    CallResult.objects.for_user(user_id).filter(of_runs).delete()


def count_result_bytes(user_id: UUID, of_runs: Q) -> int:
    """Return the size of the JSON of a user's results of these runs, in bytes."""
    found = CallResult.objects.for_user(user_id).filter(of_runs)
    size: int | None = found.aggregate(size=Sum(JsonByteLength(F("result"))))["size"]
    return size or 0
