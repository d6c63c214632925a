"""The only way to write a running run: one transaction that first makes sure that the run is still ours.

An item is plain data. Its events, its step and, where a terminal event of the top agent is among them, the run's
last transition are stored together or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.models import Run, RunState, Step
from netra.core import stream
from netra.core.events import AgentCompleted, AgentError, Event, ends_run


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What an agent hands on (`output`, JSON) and its model's history (`messages`, JSON)."""

    agent: str
    output: Any
    messages: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RunItem:
    """What one attempt at a run has to say next."""

    user_id: UUID
    run_id: UUID
    attempt: int
    events: tuple[Event, ...]
    step: StepRecord | None = None


Written = dict[UUID, stream.Batch]


def write(items: Sequence[RunItem]) -> tuple[Written, list[RunItem]]:
    """Store the items of any number of runs in one transaction.

    Returns each user's committed batch, and the items whose run is not theirs any more (nothing of those is stored).
    """
    with transaction.atomic():
        mine = _locked({item.run_id for item in items})
        kept: list[RunItem] = []
        lost: list[RunItem] = []
        for item in items:
            if mine.get(item.run_id) != (item.user_id, item.attempt):
                lost.append(item)
                continue
            kept.append(item)
            if _apply(item):
                # What comes after the end of a run is lost, in this very batch too.
                del mine[item.run_id]
        events: dict[UUID, list[Event]] = {}
        for item in kept:
            events.setdefault(item.user_id, []).extend(item.events)
        return stream.append_all({user: told for user, told in events.items() if told}), lost


def _locked(run_ids: set[UUID]) -> dict[UUID, tuple[UUID, int]]:
    rows = Run.objects.select_for_update().filter(id__in=run_ids, state=RunState.RUNNING).order_by("id")
    return {run_id: (owner_id, attempt) for run_id, owner_id, attempt in rows.values_list("id", "owner_id", "attempt")}


def _apply(item: RunItem) -> bool:
    if item.step is not None:
        Step.objects.create(
            owner_id=item.user_id,
            run_id=item.run_id,
            agent=item.step.agent,
            attempt=item.attempt,
            output=item.step.output,
            messages=item.step.messages,
        )
    last = next((event for event in item.events if ends_run(event)), None)
    if last is not None:
        Run.objects.filter(id=item.run_id).update(**closing(last))
    return last is not None


def closing(event: Event) -> dict[str, Any]:
    """The columns of a run that its terminal event sets."""
    ended: dict[str, Any] = {"ended_at": event.at, "lease_until": None, "ending": event.model_dump(mode="json")}
    if isinstance(event, AgentCompleted):
        return ended | {"state": RunState.COMPLETED, "degraded": event.outcome == "degraded"}
    if isinstance(event, AgentError):
        state = RunState.CANCELLED if event.code == "cancelled" else RunState.FAILED
        return ended | {"state": state, "error": event.code}
    raise TypeError(f"{event.type} does not end a run")
