"""Doorbells that lose, double and reorder what is rung, as whoever holds them says."""

from collections.abc import Mapping
from uuid import UUID

from netra.core.stream import Batch
from realtime.doorbell import Doorbells


class UnreliableDoorbells(Doorbells):
    def __init__(self) -> None:
        super().__init__()
        self.held: list[tuple[UUID, Batch]] = []

    def hold(self, written: Mapping[UUID, Batch]) -> None:
        """In the writer's ear, instead of `feed`."""
        self.held += written.items()

    def deliver(self, which: int, *, again: bool = False) -> None:
        """One of those held, in any order; `again`: it stays held and comes once more."""
        user_id, batch = self.held[which] if again else self.held.pop(which)
        self.feed({user_id: batch})
