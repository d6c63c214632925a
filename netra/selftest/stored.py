"""One user's stream as the database has it: what sockets and REST are held against, since both could lack the same."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from agents.models import Run
from netra.core.models import Event, IsolationIncident, UserStream
from netra.core.scope import as_user
from netra.selftest.chain import mark_of
from netra.selftest.order import ENDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """`marks` by number; `ends`: terminal events by run, of every run that the user has. `incidents`: what the server
    has itself stopped at its last door, from or to this user."""

    epoch: UUID
    head: int
    marks: Mapping[int, int]
    ends: Mapping[str, int]
    incidents: int


def stored(user_id: UUID) -> Stored | None:
    """None for a user whose stream was never begun."""
    with as_user(user_id):
        stream = UserStream.objects.filter(owner_id=user_id).first()
        if stream is None:
            return None
        rows = Event.objects.for_user(user_id).filter(epoch=stream.epoch).order_by("seq")
        events = list(rows.values_list("seq", "payload"))
        runs = [str(run) for run in Run.objects.for_user(user_id).values_list("id", flat=True)]
    last = [payload for _, payload in events if payload["type"] in ENDS and payload["parent_request_id"] is None]
    told = Counter(payload["run_id"] for payload in last)
    return Stored(
        epoch=stream.epoch,
        head=stream.head,
        marks={seq: mark_of(payload) for seq, payload in events},
        ends={run: told[run] for run in runs},
        incidents=IsolationIncident.objects.filter(Q(expected_user=user_id) | Q(found_user=user_id)).count(),
    )
