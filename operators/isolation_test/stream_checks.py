"""Checks of received events: ranges follow one another without a gap or overlap, and runs in the documented order."""

import hashlib
import json
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from core.stream.batches import Position
from operators.isolation_test.canaries import IsolationFindingKind, UserResults

TERMINAL_TYPES = ("agent_completed", "agent_error")
TRANSIENT_TYPE: Final = "agent_writing"
"""The type of transient events, which are not stored: text while it is being written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRange:
    """An `events` frame: the events in (after, upto]."""

    epoch: UUID
    after: int
    upto: int
    events: tuple[Mapping[str, Any], ...]


def parse_range(frame: Mapping[str, Any]) -> EventRange:
    """Parse an `events` frame. Raises KeyError, TypeError or ValueError if it is malformed."""
    return EventRange(
        epoch=UUID(frame["epoch"]), after=int(frame["after"]), upto=int(frame["upto"]), events=tuple(frame["events"])
    )


def parse_position(data: Mapping[str, Any]) -> Position:
    return Position(epoch=UUID(data["epoch"]), seq=int(data["seq"]))


def hash_event(event: Mapping[str, Any]) -> int:
    """Hash an event by its texts, so that it has one hash over REST, websockets and in the database.

    Numbers are left out: databases write them differently.
    """
    texts = {name: value for name, value in event.items() if value is None or isinstance(value, str)}
    return int.from_bytes(hashlib.blake2b(json.dumps(texts, sort_keys=True).encode(), digest_size=8).digest())


class RangeChain:
    """The ranges received from `start` to `position`, with the hashes of their events.

    `is_intact` is False once a range has not continued where the one before it ended.
    """

    def __init__(self, start: Position, where: str) -> None:
        self.start = self.position = start
        self.where = where
        self.event_hashes = array("Q")
        self.transient_hashes: set[int] = set()
        self.is_intact = True

    def add_range(self, event_range: EventRange, results: UserResults) -> None:
        """Add a range; a gap, an overlap or a malformed range becomes a finding."""
        numbers = event_range.upto - event_range.after
        if event_range.epoch != self.position.epoch:
            self._report_break(results, "wrong", "events of an epoch that was not requested")
        elif event_range.after > self.position.seq:
            self._report_break(results, "gap", "a range begins after the end of the one before")
        elif event_range.after < self.position.seq:
            self._report_break(results, "double", "a range begins before the end of the one before")
        if numbers < 0:
            self._report_break(results, "wrong", "a range ends before it begins")
        elif len(event_range.events) > numbers:
            self._report_break(results, "double", "a range has more events than numbers")
        self.position = Position(epoch=event_range.epoch, seq=event_range.upto)
        self._add_events(event_range.events)

    def _add_events(self, events: Iterable[Mapping[str, Any]]) -> None:
        for event in events:
            event_hash = hash_event(event)
            self.event_hashes.append(event_hash)
            if event.get("type") == TRANSIENT_TYPE:
                self.transient_hashes.add(event_hash)

    def _report_break(self, results: UserResults, kind: IsolationFindingKind, what: str) -> None:
        self.is_intact = False
        results.add_finding(kind, self.where, what)


class SocketChains:
    """The chains of one socket: a new one for each resume, while frames of the one before may still arrive."""

    def __init__(self, results: UserResults, where: str) -> None:
        self._results = results
        self._where = where
        self._chain: RangeChain | None = None
        self._next_chain: RangeChain | None = None
        self._expects_resync = False
        self.chains: list[RangeChain] = []

    @property
    def position(self) -> Position | None:
        return self._chain.position if self._chain else None

    def start(self, position: Position, *, expects_resync: bool) -> None:
        """Expect ranges from a position, or a resync."""
        self._expects_resync = expects_resync
        self._next_chain = RangeChain(position, self._where)
        if self._chain is None:
            self._switch(self._next_chain)

    def add_range(self, event_range: EventRange) -> bool:
        """Add a range to the chain that it continues. Return False, and add a finding, if there was no resume."""
        if self._next_chain and self._next_chain.position == (event_range.epoch, event_range.after):
            self._switch(self._next_chain)
        if self._chain is None:
            self._results.add_finding("wrong", self._where, "events before a resume")
            return False
        self._chain.add_range(event_range, self._results)
        return True

    def restart(self, position: Position) -> None:
        """Start a new chain after a resync, which is a finding if it was not expected."""
        if not self._expects_resync:
            self._results.add_finding("wrong", self._where, "a resync for a valid position")
        self._expects_resync = False
        self._switch(RangeChain(position, self._where))

    def _switch(self, chain: RangeChain) -> None:
        self._chain, self._next_chain = chain, None
        self.chains.append(chain)


class EventOrderChecker:
    """Checks all events of a user, from the first one on, for the order that docs/protocol.md promises.

    `open_runs` have not ended; `active_runs` are those of them that a worker has claimed.
    """

    def __init__(self, results: UserResults, where: str) -> None:
        self._results = results
        self._where = where
        self._turns: dict[str, str] = {}  # the type of the latest event of each turn
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
            is_second_end = kind in TERMINAL_TYPES and event.get("parent_request_id") is None
            self._report(
                "a run ended twice" if is_second_end else "a run continued after its end", double=is_second_end
            )
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
        """Check one agent's turn. A run that no worker claimed, or whose worker was lost, ends without a start."""
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
