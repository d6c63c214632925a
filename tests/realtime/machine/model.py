"""The expected state, as simple as possible: each user's log of all events that ever were, and their runs."""

from dataclasses import dataclass, field
from uuid import UUID

from core.models import User
from core.stream.batches import Position

LoggedEvent = tuple[str, str]
"""An event's type, and the ids and words by which it is known from all others of its type."""


@dataclass(slots=True, eq=False)
class MachineRun:
    """A run. `standing` is its user's when it was asked for."""

    id: UUID
    thread: UUID
    text: str
    client_id: UUID
    standing: int
    state: str = "queued"
    attempt: int = 0
    to_cancel: bool = False

    @property
    def over(self) -> bool:
        return self.state not in ("queued", "running")


@dataclass(slots=True, eq=False)
class Epoch:
    """`log` has all that was told in it; then the numbers of what is not there any more, and why."""

    log: list[LoggedEvent] = field(default_factory=list)
    erased: set[int] = field(default_factory=set)
    pruned: set[int] = field(default_factory=set)
    floor: int = 0

    def between(self, after: int, upto: int) -> list[tuple[int, LoggedEvent]]:
        return list(enumerate(self.log[after:upto], after + 1))

    def list_kept(self) -> list[tuple[int, LoggedEvent]]:
        return [(seq, told) for seq, told in self.between(0, len(self.log)) if seq not in self.erased | self.pruned]

    def forget(self, marks: set[str]) -> None:
        """Whatever begins with one of these ids was erased."""
        self.erased |= {seq for seq, (_, known) in enumerate(self.log, 1) if known.split()[0] in marks}


@dataclass(slots=True, eq=False)
class Person:
    user: User
    epoch: UUID
    epochs: dict[UUID, Epoch]
    active: bool = True
    standing: int = 0
    runs: list[MachineRun] = field(default_factory=list)
    seen: list[Position] = field(default_factory=list)

    @property
    def id(self) -> UUID:
        return self.user.id

    @property
    def now(self) -> Epoch:
        return self.epochs[self.epoch]

    @property
    def head(self) -> Position:
        return Position(epoch=self.epoch, seq=len(self.now.log))

    def log_event(self, kind: str, known: object) -> None:
        self.now.log.append((kind, str(known)))

    def goes_on_from(self, position: Position) -> bool:
        return position.epoch == self.epoch and self.now.floor <= position.seq <= len(self.now.log)

    def busy(self, thread: UUID) -> bool:
        return any(run.thread == thread and run.state == "running" for run in self.runs)
