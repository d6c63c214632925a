"""The chain of ranges that one `resume` brought: each begins where the one before ended, and nothing comes twice."""

import hashlib
import json
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from netra.core.stream import Position
from netra.selftest.tally import Kind, Tally

FLEETING: Final = "agent_writing"
"""Events that need not be kept: a text while it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """An `events` frame: what happened in (after, upto]."""

    epoch: UUID
    after: int
    upto: int
    events: tuple[Mapping[str, Any], ...]


def range_of(frame: Mapping[str, Any]) -> Range:
    """Raises KeyError, TypeError or ValueError for what is none."""
    return Range(
        epoch=UUID(frame["epoch"]), after=int(frame["after"]), upto=int(frame["upto"]), events=tuple(frame["events"])
    )


def mark_of(event: Mapping[str, Any]) -> int:
    """The same for the same event, whichever way it came; without its figures, which databases write differently."""
    words = {name: value for name, value in event.items() if value is None or isinstance(value, str)}
    return int.from_bytes(hashlib.blake2b(json.dumps(words, sort_keys=True).encode(), digest_size=8).digest())


class Chain:
    """From `start` to `at`, with the marks of the events in between. `whole`: its ranges were as they must be."""

    def __init__(self, start: Position, where: str) -> None:
        self.start = self.at = start
        self.where = where
        self.marks = array("Q")
        self.fleeting: set[int] = set()
        self.whole = True

    def take(self, told: Range, tally: Tally) -> None:
        """Add a range, and tell the tally where it does not go on from the one before."""
        numbers = told.upto - told.after
        if told.epoch != self.at.epoch:
            self._broken(tally, "wrong", "events of an epoch that was not asked for")
        elif told.after > self.at.seq:
            self._broken(tally, "gap", "a range begins after the end of the one before")
        elif told.after < self.at.seq:
            self._broken(tally, "double", "a range begins before the end of the one before")
        if numbers < 0:
            self._broken(tally, "wrong", "a range ends before it begins")
        elif len(told.events) > numbers:
            self._broken(tally, "double", "a range has more events than numbers")
        self.at = Position(epoch=told.epoch, seq=told.upto)
        self._note(told.events)

    def _note(self, events: Iterable[Mapping[str, Any]]) -> None:
        for event in events:
            mark = mark_of(event)
            self.marks.append(mark)
            if event.get("type") == FLEETING:
                self.fleeting.add(mark)

    def _broken(self, tally: Tally, kind: Kind, what: str) -> None:
        self.whole = False
        tally.found(kind, self.where, what)
