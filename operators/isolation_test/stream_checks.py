"""Checks of received events: ranges follow one another without gap or overlap, and runs keep the documented order."""

import hashlib
import json
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from core.stream.batches import Position
from operators.isolation_test.findings import IsolationFindingKind, UserResults

TRANSIENT_TYPE: Final = "agent_writing"
"""Events that need not be kept: a text while it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRange:
    """An `events` frame: what happened in (after, upto]."""

    epoch: UUID
    after: int
    upto: int
    events: tuple[Mapping[str, Any], ...]


def parse_range(frame: Mapping[str, Any]) -> EventRange:
    """Raises KeyError, TypeError or ValueError for what is none."""
    return EventRange(
        epoch=UUID(frame["epoch"]), after=int(frame["after"]), upto=int(frame["upto"]), events=tuple(frame["events"])
    )


def hash_event(event: Mapping[str, Any]) -> int:
    """The same for the same event, whichever way it came; without its figures, which databases write differently."""
    words = {name: value for name, value in event.items() if value is None or isinstance(value, str)}
    return int.from_bytes(hashlib.blake2b(json.dumps(words, sort_keys=True).encode(), digest_size=8).digest())


class RangeChain:
    """From `start` to `position`, with the marks of the events in between. `is_intact`: its ranges were as they must be."""

    def __init__(self, start: Position, where: str) -> None:
        self.start = self.position = start
        self.where = where
        self.event_hashes = array("Q")
        self.transient_hashes: set[int] = set()
        self.is_intact = True

    def add_range(self, told: EventRange, tally: UserResults) -> None:
        """Add a range, and tell the tally where it does not go on from the one before."""
        numbers = told.upto - told.after
        if told.epoch != self.position.epoch:
            self._report_break(tally, "wrong", "events of an epoch that was not asked for")
        elif told.after > self.position.seq:
            self._report_break(tally, "gap", "a range begins after the end of the one before")
        elif told.after < self.position.seq:
            self._report_break(tally, "double", "a range begins before the end of the one before")
        if numbers < 0:
            self._report_break(tally, "wrong", "a range ends before it begins")
        elif len(told.events) > numbers:
            self._report_break(tally, "double", "a range has more events than numbers")
        self.position = Position(epoch=told.epoch, seq=told.upto)
        self._add_events(told.events)

    def _add_events(self, events: Iterable[Mapping[str, Any]]) -> None:
        for event in events:
            mark = hash_event(event)
            self.event_hashes.append(mark)
            if event.get("type") == TRANSIENT_TYPE:
                self.transient_hashes.add(mark)

    def _report_break(self, tally: UserResults, kind: IsolationFindingKind, what: str) -> None:
        self.is_intact = False
        tally.add_finding(kind, self.where, what)


TERMINAL_TYPES = ("agent_completed", "agent_error")


class EventOrderChecker:
    """For a user's events from the first one on. `open_runs`: runs without their end; `active_runs`: those taken up."""

    def __init__(self, tally: UserResults, where: str) -> None:
        self._results = tally
        self._where = where
        self._turns: dict[str, str] = {}  # request id to the type of its latest event
        self._calls: set[str] = set()
        self._attempts: dict[str, int] = {}
        self.open_runs: set[str] = set()
        self.active_runs: set[str] = set()
        self.ended_runs: set[str] = set()

    def check_event(self, event: Mapping[str, Any]) -> None:
        run, kind = event.get("run_id"), event["type"]
        if run is None:
            return
        if kind == "run_queued":
            self._check_queued(run)
        elif run in self.ended_runs:
            again = kind in TERMINAL_TYPES and event.get("parent_request_id") is None
            self._report("a run ended twice" if again else "a run went on after its end", double=again)
        elif run not in self.open_runs:
            self._report("a run's event came before its run_queued")
        elif kind != "run_cancel_requested":
            self._check_agent_event(run, kind, event)

    def _check_queued(self, run: str) -> None:
        if run in self.open_runs or run in self.ended_runs:
            self._report("a run was queued twice", double=True)
        else:
            self.open_runs.add(run)

    def _check_agent_event(self, run: str, kind: str, event: Mapping[str, Any]) -> None:
        top = event["parent_request_id"] is None
        self._check_turn(kind, event, unstarted_end=top and kind == "agent_error")
        if event["attempt"] < self._attempts.get(run, 0):
            self._report("an event of an earlier attempt came after one of a later")
        self._attempts[run] = event["attempt"]
        self.active_runs.add(run)
        if top and kind in TERMINAL_TYPES:
            self.open_runs.discard(run)
            self.active_runs.discard(run)
            self.ended_runs.add(run)

    def _check_turn(self, kind: str, event: Mapping[str, Any], *, unstarted_end: bool) -> None:
        """One agent's turn. A run that was never taken up, or whose worker was lost, ends without a start."""
        turn = f"{event['request_id']} {event['attempt']}"
        before = self._turns.get(turn)
        if before is None and kind != "agent_started" and not unstarted_end:
            self._report(f"{kind} came before agent_started")
        elif before is not None and kind == "agent_started":
            self._report("an agent started twice", double=True)
        elif before in TERMINAL_TYPES:
            self._report(f"{kind} came after the agent's end")
        elif kind == "tool_completed" and f"{turn} {event['call_id']}" not in self._calls:
            self._report("tool_completed came before its tool_executing")
        if kind == "tool_executing":
            self._calls.add(f"{turn} {event['call_id']}")
        self._turns[turn] = kind

    def _report(self, what: str, *, double: bool = False) -> None:
        self._results.add_finding("double" if double else "wrong", self._where, what)
