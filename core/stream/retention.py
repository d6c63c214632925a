"""Deletion of events from a user's stream.

Deleting raises the stream's floor: events up to it may be gone, so a reader below it must resynchronise."""

from typing import Any
from uuid import UUID

from django.db.models import F, Func, IntegerField, Max, Q

from core.db import as_user, retry_on_conflict
from core.models import Event, OwnedQuerySet, UserStream
from core.stream.append import lock_head

EVENTS_PER_TRANSACTION = 2_000  # on SQLite nobody else can write during a transaction


class JsonByteLength(Func):
    """The length of a JSON column's text in bytes."""

    output_field = IntegerField()
    template = "octet_length(%(expressions)s::text)"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="length(CAST(%(expressions)s AS BLOB))")


PAYLOAD_BYTES = JsonByteLength(F("payload"))


def delete_events(user_id: UUID, which: Q) -> int:
    """Delete those events of a user, the oldest first, in batches. Returns how many were deleted.

    The floor is raised in the transaction that deletes events, so a reader below it gets a resync and never a part.
    """
    total = 0
    while deleted := _delete_batch(user_id, which):
        total += deleted
    return total


@retry_on_conflict
def _delete_batch(user_id: UUID, which: Q) -> int:
    with as_user(user_id, atomic=True):
        lock_head(user_id)
        oldest = list(
            _events_of(user_id).filter(which).order_by("seq").values_list("id", flat=True)[:EVENTS_PER_TRANSACTION]
        )
        batch = _events_of(user_id).filter(id__in=oldest)
        # Only of the current epoch: nobody can continue from a position of an earlier one.
        current = batch.filter(epoch__in=UserStream.objects.filter(owner_id=user_id).values("epoch"))
        floor = current.aggregate(floor=Max("seq"))["floor"]
        deleted, _ = batch.delete()
        if floor is not None:
            UserStream.objects.filter(owner_id=user_id, floor__lt=floor).update(floor=floor)
    return deleted


def _events_of(user_id: UUID) -> OwnedQuerySet[Event]:
    return Event.objects.for_user(user_id)
