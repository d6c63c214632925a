"""Fenced writes to running runs: each transaction first checks that the run still belongs to this attempt.

The events of an item, its step and the end of its run are stored together or not at all."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from agents.models import Run, RunState, Step
from core.db import to_uuid
from core.events import AgentCompleted, AgentError, AgentThinking, Event, ToolCompleted, is_terminal
from core.models import Event as EventRow
from core.stream import append
from core.stream.batches import Commits
from tools.calls import Settlement, record_late_spend, settle_calls, settle_late_call
from tools.spending.ledger import SpendEntry, record_entries

RunHolder = tuple[UUID, int]
"""A run's owner, and the attempt that may write."""


def try_lock_runs(run_ids: set[UUID]) -> tuple[dict[UUID, RunHolder], set[UUID]]:
    """The running ones among these runs, locked, and those that somebody else has locked at this moment.

    On SQLite nobody else can: it has one writer at a time.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            wanted = json.dumps([run_id.hex for run_id in run_ids])
            return _select_holders(cursor, "id IN (SELECT value FROM json_each(%s))", wanted), set()
        ids = list(run_ids)
        found = _select_holders(cursor, "id = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED", ids)
        if len(found) == len(run_ids):
            return found, set()
        # Skipped, or not running any more: seen without a lock, the former still are.
        skipped = _select_holders(cursor, "id = ANY(%s)", [each for each in ids if each not in found])
        return found, set(skipped)


def _select_holders(cursor: CursorWrapper, which: str, wanted: str | list[UUID]) -> dict[UUID, RunHolder]:
    table = Run._meta.db_table
    cursor.execute(
        f"SELECT id, owner_id, attempt FROM {table} WHERE state = %s AND {which}", [RunState.RUNNING.value, wanted]
    )
    return {to_uuid(run_id): (to_uuid(owner), attempt) for run_id, owner, attempt in cursor.fetchall()}


def delete_partial_texts(user_id: UUID, events: Sequence[Event]) -> None:
    """Delete what whole texts among `events` take the place of; in the transaction that stores these, after them."""
    for event in events:
        if isinstance(event, AgentThinking) and event.part is not None:
            _delete_partial_text(user_id, event, event.part)


def _delete_partial_text(user_id: UUID, text: AgentThinking, part: int) -> None:
    states = EventRow.objects.for_user(user_id).filter(
        run_id=text.run_id,
        type="agent_writing",
        payload__request_id=str(text.request_id),
        # Former texts too: one that broke off has no whole.
        payload__part__lte=part,
    )
    # Who erases the run at this moment deletes them as well, and is not waited for.
    found = list(states.select_for_update(skip_locked=True).values_list("id", flat=True))
    if found:
        EventRow.objects.for_user(user_id).filter(id__in=found).delete()


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
    receipt: Settlement | None = None  # of its one event, a tool_completed
    entries: tuple[SpendEntry, ...] = ()  # what it cost, where no receipt says it


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of items: each user's committed batch; items whose run is not theirs any more (nothing of those is
    stored); items whose run or stream somebody else held at that moment, to be given again."""

    commits: Commits
    lost: Sequence[RunItem]
    busy: Sequence[RunItem]


class _StreamsBusy(Exception):
    """Some streams were held by others: what was stored of their users' runs must not stay."""

    def __init__(self, users: set[UUID]) -> None:
        super().__init__("streams are held by others")
        self.users = users


def write_fenced(items: Sequence[RunItem]) -> WriteResult:
    """Store the items of any number of runs in one transaction.

    Attempts at tools are audited, and what was spent is recorded, also where their run was lost and with it what they
    would have told.
    """
    outcome = _write_without_busy(items)
    for item in outcome.lost:
        _settle_late(item)
    return outcome


def _settle_late(item: RunItem) -> None:
    try:
        if item.receipt is not None:
            settle_late_call(item.receipt)
        if item.entries:
            record_late_spend(item.entries)
    except Exception:
        # Whoever is told of a failure here would give the whole batch again, whose other items are stored by now.
        log.exception("what run %s had left to settle, which it had lost, could not be stored", item.run_id)


def _write_without_busy(items: Sequence[RunItem]) -> WriteResult:
    try:
        return _write_batch(items)
    except _StreamsBusy as held:
        # Nothing was stored: once more, without those whose turn it is not.
        free = [item for item in items if item.user_id not in held.users]
        done = _write_without_busy(free) if free else WriteResult({}, (), ())
        again = held.users | {item.user_id for item in done.busy}
        return WriteResult(done.commits, done.lost, [item for item in items if item.user_id in again])


def _write_batch(items: Sequence[RunItem]) -> WriteResult:
    with transaction.atomic():
        held, busy_runs = try_lock_runs({item.run_id for item in items})
        # What a user says stays in order: with one item, all of that user's wait.
        busy_users = {item.user_id for item in items if item.run_id in busy_runs}
        free = [item for item in items if item.user_id not in busy_users] if busy_users else items
        kept, lost = _split_stale(free, held)
        events: dict[UUID, list[Event]] = {}
        for item in kept:
            _apply_item(item)
            events.setdefault(item.user_id, []).extend(item.events)
        told = {user: these for user, these in events.items() if these}
        written = append.append_events_by_user(told, wait=False)
        if len(written) < len(told):
            raise _StreamsBusy(told.keys() - written.keys())
        for user, these in told.items():
            delete_partial_texts(user, these)
        settle_calls(
            [each for item in kept if item.receipt is not None for each in _pair_with_receipt(item, item.receipt)]
        )
        record_entries([entry for item in kept for entry in item.entries])
    return WriteResult(written, lost, [item for item in items if item.user_id in busy_users])


def _split_stale(items: Sequence[RunItem], held: Mapping[UUID, RunHolder]) -> tuple[list[RunItem], list[RunItem]]:
    mine = dict(held)
    kept: list[RunItem] = []
    lost: list[RunItem] = []
    for item in items:
        if mine.get(item.run_id) != (item.user_id, item.attempt):
            lost.append(item)
            continue
        kept.append(item)
        if _find_terminal_event(item) is not None:
            # What comes after the end of a run is lost, in this very batch too.
            del mine[item.run_id]
    return kept, lost


def _pair_with_receipt(item: RunItem, receipt: Settlement) -> list[tuple[ToolCompleted, Settlement]]:
    return [(event, receipt) for event in item.events if isinstance(event, ToolCompleted)]


def _find_terminal_event(item: RunItem) -> Event | None:
    for event in item.events:  # a loop: every item comes by, and a generator costs as much as what it looks at
        if is_terminal(event):
            return event
    return None


def _apply_item(item: RunItem) -> None:
    if item.step is not None:
        Step.objects.create(
            owner_id=item.user_id,
            run_id=item.run_id,
            agent=item.step.agent,
            attempt=item.attempt,
            output=item.step.output,
            messages=item.step.messages,
        )
    last = _find_terminal_event(item)
    if last is not None:
        Run.objects.filter(id=item.run_id).update(**to_closing_columns(last))


def to_closing_columns(event: Event) -> dict[str, Any]:
    """The columns of a run that its terminal event sets."""
    ended: dict[str, Any] = {"ended_at": event.at, "lease_until": None, "ending": event.model_dump(mode="json")}
    if isinstance(event, AgentCompleted):
        return ended | {"state": RunState.COMPLETED, "degraded": event.outcome == "degraded"}
    if isinstance(event, AgentError):
        state = RunState.CANCELLED if event.code == "cancelled" else RunState.FAILED
        return ended | {"state": state, "error": event.code}
    raise TypeError(f"{event.type} does not end a run")
