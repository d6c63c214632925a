"""The only way to write a running run: one transaction that first makes sure that the run is still ours.

An item is plain data. Its events, its step and, where a terminal event of the top agent is among them, the run's
last transition are stored together or not at all.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from agents.held import Holder, holders
from agents.models import Run, RunState, Step
from agents.superseded import forget_writing
from netra.core import stream
from netra.core.events import AgentCompleted, AgentError, Event, ToolCompleted, ends_run
from tools.receipt import Receipt, record_late, settle_all, settle_late
from tools.spending.entry import Entry
from tools.spending.ledger import record_all

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What an agent hands on (`output`, JSON) and its model's history (`messages`, JSON)."""

    agent: str
    output: Any
    messages: Any


class RunItem(NamedTuple):
    """What one attempt at a run has to say next: stored together, or not at all. A tuple: every event comes in one,
    and a frozen dataclass costs twice as much."""

    user_id: UUID
    run_id: UUID
    attempt: int
    events: Sequence[Event]
    step: StepRecord | None = None
    receipt: Receipt | None = None  # of its one event, a tool_completed
    entries: tuple[Entry, ...] = ()  # what it cost, where no receipt says it


Written = dict[UUID, stream.Batch]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of items: each user's committed batch; items whose run is not theirs any more (nothing of those is
    stored); items whose run or stream somebody else held at that moment, to be given again."""

    written: Written
    lost: Sequence[RunItem]
    busy: Sequence[RunItem]


class _StreamsBusy(Exception):
    """Some streams were held by others: what was stored of their users' runs must not stay."""

    def __init__(self, users: set[UUID]) -> None:
        super().__init__("streams are held by others")
        self.users = users


def write(items: Sequence[RunItem]) -> Outcome:
    """Store the items of any number of runs in one transaction.

    Attempts at tools are audited, and what was spent is recorded, also where their run was lost and with it what they
    would have told.
    """
    outcome = _tried(items)
    for item in outcome.lost:
        _settle_late(item)
    return outcome


def _settle_late(item: RunItem) -> None:
    try:
        if item.receipt is not None:
            settle_late(item.receipt)
        if item.entries:
            record_late(item.entries)
    except Exception:
        # Whoever is told of a failure here would give the whole batch again, whose other items are stored by now.
        log.exception("what run %s had left to settle, which it had lost, could not be stored", item.run_id)


def _tried(items: Sequence[RunItem]) -> Outcome:
    try:
        return _written(items)
    except _StreamsBusy as held:
        # Nothing was stored: once more, without those whose turn it is not.
        free = [item for item in items if item.user_id not in held.users]
        done = _tried(free) if free else Outcome({}, (), ())
        again = held.users | {item.user_id for item in done.busy}
        return Outcome(done.written, done.lost, [item for item in items if item.user_id in again])


def _written(items: Sequence[RunItem]) -> Outcome:
    with transaction.atomic():
        held, busy_runs = holders({item.run_id for item in items})
        # What a user says stays in order: with one item, all of that user's wait.
        busy_users = {item.user_id for item in items if item.run_id in busy_runs}
        free = [item for item in items if item.user_id not in busy_users] if busy_users else items
        kept, lost = _sorted(free, held)
        events: dict[UUID, list[Event]] = {}
        for item in kept:
            _apply(item)
            events.setdefault(item.user_id, []).extend(item.events)
        told = {user: these for user, these in events.items() if these}
        written = stream.append_all(told, wait=False)
        if len(written) < len(told):
            raise _StreamsBusy(told.keys() - written.keys())
        for user, these in told.items():
            forget_writing(user, these)
        settle_all([each for item in kept if item.receipt is not None for each in _settled(item, item.receipt)])
        record_all([entry for item in kept for entry in item.entries])
    return Outcome(written, lost, [item for item in items if item.user_id in busy_users])


def _sorted(items: Sequence[RunItem], held: Mapping[UUID, Holder]) -> tuple[list[RunItem], list[RunItem]]:
    mine = dict(held)
    kept: list[RunItem] = []
    lost: list[RunItem] = []
    for item in items:
        if mine.get(item.run_id) != (item.user_id, item.attempt):
            lost.append(item)
            continue
        kept.append(item)
        if _end_of(item) is not None:
            # What comes after the end of a run is lost, in this very batch too.
            del mine[item.run_id]
    return kept, lost


def _settled(item: RunItem, receipt: Receipt) -> list[tuple[ToolCompleted, Receipt]]:
    return [(event, receipt) for event in item.events if isinstance(event, ToolCompleted)]


def _end_of(item: RunItem) -> Event | None:
    for event in item.events:  # a loop: every item comes by, and a generator costs as much as what it looks at
        if ends_run(event):
            return event
    return None


def _apply(item: RunItem) -> None:
    if item.step is not None:
        Step.objects.create(
            owner_id=item.user_id,
            run_id=item.run_id,
            agent=item.step.agent,
            attempt=item.attempt,
            output=item.step.output,
            messages=item.step.messages,
        )
    last = _end_of(item)
    if last is not None:
        Run.objects.filter(id=item.run_id).update(**closing(last))


def closing(event: Event) -> dict[str, Any]:
    """The columns of a run that its terminal event sets."""
    ended: dict[str, Any] = {"ended_at": event.at, "lease_until": None, "ending": event.model_dump(mode="json")}
    if isinstance(event, AgentCompleted):
        return ended | {"state": RunState.COMPLETED, "degraded": event.outcome == "degraded"}
    if isinstance(event, AgentError):
        state = RunState.CANCELLED if event.code == "cancelled" else RunState.FAILED
        return ended | {"state": state, "error": event.code}
    raise TypeError(f"{event.type} does not end a run")
