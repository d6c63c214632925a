"""Who in this process waits for news of which user. A ring may carry the news; the truth is in the database."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from uuid import UUID

from netra.core.stream import Batch, Position, octets
from realtime.limits import SENT_BYTES
from realtime.signal import Signal

KEPT = 64  # batches that a bell holds for a listener that is slow; beyond, it reads the database


def _fits(payloads: Sequence[str]) -> bool:
    # A character has at most four bytes: seldom need they be counted.
    return sum(map(len, payloads)) * 4 <= SENT_BYTES or sum(map(octets, payloads)) <= SENT_BYTES


class Bell:
    """One listener's. `seen` is how far that listener has come; None while it reads for the first time."""

    __slots__ = ("_batches", "_gap", "_noted", "_rung", "seen")

    def __init__(self) -> None:
        self.seen: Position | None = None
        self._noted: Position | None = None
        self._rung = Signal()
        self._batches: list[Batch] = []
        self._gap = False

    def ring(self, batch: Batch | None = None) -> None:
        if batch is None or len(self._batches) >= KEPT:
            self._batches.clear()
            self._gap = True
        elif not self._gap:
            self._batches.append(batch)
        self._rung.set()

    async def wait(self) -> None:
        await self._rung.wait()
        self._rung.clear()

    def following(self, position: Position) -> Batch | None:
        """The batch that goes on exactly from `position`, if it was rung with; what cannot be chained is a gap."""
        while self._batches:
            batch = self._batches.pop(0)
            if batch.epoch == position.epoch and batch.upto <= position.seq:
                continue
            if batch.epoch == position.epoch and batch.after == position.seq:
                self.seen = batch.position
                return batch
            self.ring()
        return None

    def missed(self) -> bool:
        """Whether there is news that only the database has. Asking takes note of it."""
        gap, self._gap = self._gap, False
        return gap

    def note(self) -> None:
        """Remember how far the news goes that the listener has, or is about to take."""
        self._noted = self._known()

    def astray(self, head: Position) -> bool:
        """Whether a stream's head, read since the last note, is news to this listener, or behind it: then what it has
        seen is gone."""
        known, noted = self._known(), self._noted
        if known is None or self._gap:
            return False
        ahead = noted is not None and noted.epoch == head.epoch and noted.seq > head.seq
        return ahead or known.epoch != head.epoch or known.seq < head.seq

    def _known(self) -> Position | None:
        return self._batches[-1].position if self._batches else self.seen


class Doorbells:
    """One per process, made by wiring and handed down; used on its event loop only."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, set[Bell]] = {}

    @contextmanager
    def listening(self, user_id: UUID) -> Iterator[Bell]:
        """A bell that rings for one user from here on. Read after subscribing, or a ring may fall between."""
        bell = Bell()
        self._waiting.setdefault(user_id, set()).add(bell)
        try:
            yield bell
        finally:
            waiting = self._waiting[user_id]
            waiting.discard(bell)
            if not waiting:
                del self._waiting[user_id]

    def feed(self, written: Mapping[UUID, Batch]) -> None:
        """Each user's own listeners get that user's committed batch."""
        for user_id, batch in written.items():
            waiting = self._waiting.get(user_id)
            if waiting:
                # Too much for one frame comes in pieces from the log.
                told = batch if _fits(batch.payloads) else None
                for bell in waiting:
                    bell.ring(told)

    def ring(self, user_ids: Iterable[UUID]) -> None:
        """There is news of these users in the database."""
        for user_id in user_ids:
            for bell in self._waiting.get(user_id, ()):
                bell.ring()

    def users(self) -> tuple[UUID, ...]:
        """Whom anybody here listens for."""
        return tuple(self._waiting)

    def note(self) -> None:
        """Before heads are read: where everybody stands."""
        for waiting in self._waiting.values():
            for bell in waiting:
                bell.note()

    def astray(self, user_id: UUID, head: Position) -> bool:
        """Whether a listener of this user must look: see Bell.astray."""
        return any(bell.astray(head) for bell in self._waiting.get(user_id, ()))
