"""Subscriptions whose notifications are lost, doubled and reordered, as the test decides."""

from collections.abc import Mapping
from uuid import UUID

from core.stream.batches import Batch
from realtime.subscriptions import StreamSubscriptions


class UnreliableSubscriptions(StreamSubscriptions):
    def __init__(self) -> None:
        super().__init__()
        self.undelivered: list[tuple[UUID, Batch]] = []

    def withhold(self, commits: Mapping[UUID, Batch]) -> None:
        """Take what the writer publishes, in place of `publish`."""
        self.undelivered += commits.items()

    def deliver(self, which: int, *, again: bool = False) -> None:
        """Deliver one of the withheld batches, in any order. With `again`, it can be delivered once more."""
        user_id, batch = self.undelivered[which] if again else self.undelivered.pop(which)
        self.publish({user_id: batch})
