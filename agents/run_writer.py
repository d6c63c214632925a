"""Fenced writes to running runs: each transaction first checks that the run still belongs to this attempt.

The events of an item, its step and the end of its run are stored together or not at all."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from agents.models import ANALYST_AGENT, Run, RunState
from agents.run_rows import StepRecord, insert_step, store_end
from agents.threads import title_conversation
from core.db import as_user, as_writer, to_uuid
from core.events import AgentThinking, Event, ThreadChanged, ToolCompleted, is_terminal
from core.models import Event as EventRow
from core.stream import append
from core.stream.append import Publish
from core.stream.batches import Commits
from tools.settlements import Settlement, record_late_spend, settle_calls, settle_late_call
from tools.spending.ledger import SpendEntry, record_entries

log = logging.getLogger(__name__)

RunHolder = tuple[UUID, int]
"""A run's owner and the attempt that may write."""


class RunItem(NamedTuple):
    """The next writes of one attempt at a run: stored together or not at all.

    A tuple, because every event comes in one and a frozen dataclass costs twice as much.
    """

    user_id: UUID
    run_id: UUID
    attempt: int
    events: Sequence[Event]
    step: StepRecord | None = None
    receipt: Settlement | None = None  # of the item's only event, a tool_completed
    entries: tuple[SpendEntry, ...] = ()  # costs that are not in a receipt


@dataclass(frozen=True, slots=True)
class WriteResult:
    """`commits` has each user's committed batch. `lost` are the items whose run belongs to another attempt or is over:
    nothing of them is stored. `busy` are the items whose run or stream was locked by others: write them again."""

    commits: Commits
    lost: Sequence[RunItem]
    busy: Sequence[RunItem]


class _StreamsBusy(Exception):
    """Some streams were locked by others: what was written for their users must be rolled back."""

    def __init__(self, users: set[UUID]) -> None:
        super().__init__("streams are locked by others")
        self.users = users


def write_fenced(items: Sequence[RunItem], *, publish: Publish) -> WriteResult:
    """Store the items of any number of runs in one transaction.

    Tool calls are audited and costs are recorded even for lost items, whose events are not stored.
    """
    result = _write_without_busy(items, publish)
    for item in result.lost:
        _settle_late(item)
    return result


def _settle_late(item: RunItem) -> None:
    try:
        if item.receipt is not None:
            settle_late_call(item.receipt)
        if item.entries:
            record_late_spend(item.entries)
    except Exception:
        # Raising would make the caller write the whole batch again, whose other items are already stored.
        log.exception("the late costs or audit of lost run %s could not be stored", item.run_id)


def _write_without_busy(items: Sequence[RunItem], publish: Publish) -> WriteResult:
    try:
        return _write_batch(items, publish)
    except _StreamsBusy as error:
        # Nothing was stored: write again, without the users whose streams are locked.
        free = [item for item in items if item.user_id not in error.users]
        result = _write_without_busy(free, publish) if free else WriteResult({}, (), ())
        busy_users = error.users | {item.user_id for item in result.busy}
        return WriteResult(result.commits, result.lost, [item for item in items if item.user_id in busy_users])


def _write_batch(items: Sequence[RunItem], publish: Publish) -> WriteResult:
    with as_writer():
        holders, busy_runs = try_lock_runs({item.run_id for item in items})
        # A user's events stay in order: if one item is busy, all items of that user wait.
        busy_users = {item.user_id for item in items if item.run_id in busy_runs}
        free = [item for item in items if item.user_id not in busy_users] if busy_users else items
        current, lost = _split_stale(free, holders)
        events: dict[UUID, list[Event]] = {}
        for item in current:
            _apply_item(item)
            events.setdefault(item.user_id, []).extend((*item.events, *_title_conversation(item)))
        events = {user_id: of_user for user_id, of_user in events.items() if of_user}
        commits = append.append_events_by_user(events, publish=publish, wait=False)
        if len(commits) < len(events):
            raise _StreamsBusy(events.keys() - commits.keys())
        for user_id, of_user in events.items():
            delete_partial_texts(user_id, of_user)
        settle_calls(
            [each for item in current if item.receipt is not None for each in _pair_with_receipt(item, item.receipt)]
        )
        record_entries([entry for item in current for entry in item.entries])
    return WriteResult(commits, lost, [item for item in items if item.user_id in busy_users])


def try_lock_runs(run_ids: set[UUID]) -> tuple[dict[UUID, RunHolder], set[UUID]]:
    """Lock the running ones among these runs and return their holders, and the runs that others have locked.

    On SQLite no others can have locked any: it has one writer at a time.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            parameter = json.dumps([run_id.hex for run_id in run_ids])
            return _select_holders(cursor, "id IN (SELECT value FROM json_each(%s))", parameter), set()
        ids = list(run_ids)
        found = _select_holders(cursor, "id = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED", ids)
        if len(found) == len(run_ids):
            return found, set()
        # A missing run was skipped, or is no longer running. Read without a lock, the skipped ones show up.
        skipped = _select_holders(cursor, "id = ANY(%s)", [each for each in ids if each not in found])
        return found, set(skipped)


def _select_holders(cursor: CursorWrapper, which: str, parameter: str | list[UUID]) -> dict[UUID, RunHolder]:
    table = Run._meta.db_table
    cursor.execute(
        f"SELECT id, owner_id, attempt FROM {table} WHERE state = %s AND {which}",
        [RunState.RUNNING.value, parameter],
    )
    return {to_uuid(run_id): (to_uuid(owner), attempt) for run_id, owner, attempt in cursor.fetchall()}


def delete_partial_texts(user_id: UUID, events: Sequence[Event]) -> None:
    """Delete the partial texts that complete texts among `events` replace. Call it after these are stored, in the same
    transaction."""
    for event in events:
        if isinstance(event, AgentThinking) and event.part is not None:
            with as_user(user_id):  # the writer itself can't read events
                _delete_partial_text(user_id, event, event.part)


def _delete_partial_text(user_id: UUID, text: AgentThinking, part: int) -> None:
    partial = EventRow.objects.for_user(user_id).filter(
        run_id=text.run_id,
        type="agent_writing",
        payload__request_id=str(text.request_id),
        # Earlier texts too: a text that broke off has no complete one.
        payload__part__lte=part,
    )
    # Rows that others have locked are being deleted with their run, so this does not wait for them.
    found = list(partial.select_for_update(skip_locked=True).values_list("id", flat=True))
    if found:
        EventRow.objects.for_user(user_id).filter(id__in=found).delete()


def _split_stale(items: Sequence[RunItem], holders: Mapping[UUID, RunHolder]) -> tuple[list[RunItem], list[RunItem]]:
    """Split items into those of current attempts and those whose run belongs to another attempt or is over."""
    open_runs = dict(holders)
    current: list[RunItem] = []
    lost: list[RunItem] = []
    for item in items:
        if open_runs.get(item.run_id) != (item.user_id, item.attempt):
            lost.append(item)
            continue
        current.append(item)
        if _find_terminal_event(item) is not None:
            # Items after the end of their run are lost, in the same batch too.
            del open_runs[item.run_id]
    return current, lost


def _pair_with_receipt(item: RunItem, receipt: Settlement) -> list[tuple[ToolCompleted, Settlement]]:
    return [(event, receipt) for event in item.events if isinstance(event, ToolCompleted)]


def _find_terminal_event(item: RunItem) -> Event | None:
    for event in item.events:  # a loop, because a generator would double the cost of this check of every item
        if is_terminal(event):
            return event
    return None


def _apply_item(item: RunItem) -> None:
    if item.step is not None:
        insert_step(item.user_id, item.run_id, item.attempt, item.step)
    last = _find_terminal_event(item)
    if last is not None:
        store_end(item.run_id, last)


def _title_conversation(item: RunItem) -> tuple[ThreadChanged, ...]:
    """Title the run's conversation if the item has the answer to its question, and return the event of that."""
    if item.step is None or item.step.agent != ANALYST_AGENT or not isinstance(item.step.output, Mapping):
        return ()
    changed = title_conversation(item.user_id, item.run_id, item.step.output.get("answer"))
    return () if changed is None else (changed,)
