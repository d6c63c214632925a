"""Doorbells that lose, double and reorder what is rung, as whoever holds them says."""

from collections.abc import Mapping
from uuid import UUID

from core.stream.batches import Batch
from realtime.subscriptions import StreamSubscriptions


class UnreliableDoorbells(StreamSubscriptions):
    def __init__(self) -> None:
        super().__init__()
        self.held: list[tuple[UUID, Batch]] = []

    def hold(self, written: Mapping[UUID, Batch]) -> None:
        """In the writer's ear, instead of `publish`."""
        self.held += written.items()

    def deliver(self, which: int, *, again: bool = False) -> None:
        """One of those held, in any order; `again`: it stays held and comes once more."""
        user_id, batch = self.held[which] if again else self.held.pop(which)
        self.publish({user_id: batch})
