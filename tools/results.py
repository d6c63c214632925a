"""Results of calls. Those that are larger than their event's preview are stored beside the events, and read on
request."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, Sum
from pydantic import JsonValue
from pydantic_core import to_json

from core.db import as_user, to_uuid_param
from core.events import ToolCompleted
from core.exceptions import NotFound
from core.redaction import redact
from core.stream.retention import JsonByteLength
from tools.base import ToolInput
from tools.models import CallResult


@dataclass(frozen=True)
class FullResult:
    """A result whose event has only a preview of it. Not `is_complete` if it was too large to be stored in full.

    `serialized` is its JSON as UTF-8, if there is one already, until what is stored is made of it.
    """

    result: JsonValue
    is_complete: bool
    serialized: bytes | None = field(default=None, compare=False, repr=False)

    @cached_property
    def stored(self) -> str:
        """The JSON that is stored, made once for all calls with this result.

        Redacted as events are when they are stored, so that it shows nothing that the preview hides.
        """
        known = self.serialized
        object.__setattr__(self, "serialized", None)  # the text takes its place
        return redact((to_json(self.result) if known is None else known).decode())


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """A call that succeeded.

    `requested` are its arguments as JSON data, `arguments` those that the tool got. `value` is the tool's own typed
    value and `user_view` its JSON for the user, who sees only a preview of `full_result` if there is one. `model_view`
    is what a model gets.
    """

    tool: str
    requested: JsonValue
    arguments: ToolInput
    value: Any
    user_view: JsonValue
    full_result: FullResult | None = None
    model_view: JsonValue = None


def save_result(user_id: UUID, event: ToolCompleted, full_result: FullResult) -> None:
    """Store a result, in the transaction that stores its event."""
    ids = [to_uuid_param(each) for each in (user_id, event.run_id, event.request_id)]
    at = connection.ops.adapt_datetimefield_value(datetime.now(UTC))
    with connection.cursor() as cursor:  # plain SQL, as the ORM would parse and format the JSON again
        cursor.execute(
            f"INSERT INTO {CallResult._meta.db_table} "
            "(owner_id, run_id, request_id, call_id, tool, result, complete, at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [*ids, event.call_id, event.tool, full_result.stored, full_result.is_complete, at],
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
