"""A client: it chains what it is told, and compares each range with what should be in it."""

import asyncio

from core.events import EVENT_ADAPTER, Event, RunQueued, ThreadChanged, get_run_id, is_terminal
from core.stream.batches import Batch, Position, Resync
from realtime.delivery import follow_stream
from realtime.subscriptions import StreamSubscriptions
from tests.realtime.machine.model import LoggedEvent, Person


class Listener:
    def __init__(self, person: Person, position: Position, subscriptions: StreamSubscriptions) -> None:
        self.person = person
        self.position = position
        self._task = asyncio.ensure_future(self._listen(subscriptions))

    async def _listen(self, subscriptions: StreamSubscriptions) -> None:
        async for told in follow_stream(self.person.id, self.position, subscriptions):
            if isinstance(told, Resync):
                self._receive_resync(told)
            else:
                self._receive_batch(told)
            self.position = told.position
            self.person.seen.append(told.position)

    def _receive_resync(self, told: Resync) -> None:
        mine = self.person
        assert told.user_id == mine.id
        assert not mine.goes_on_from(self.position), "it could have gone on"
        # Read a moment ago, of an epoch that may have ended since.
        assert told.position.seq <= len(mine.epochs[told.position.epoch].log)

    def _receive_batch(self, batch: Batch) -> None:
        assert batch.user_id == self.person.id, "another's"
        assert (batch.epoch, batch.after) == (self.position.epoch, self.position.seq), "a gap or a double"
        then = self.person.epochs[batch.epoch]
        assert batch.after < batch.upto <= len(then.log)
        there = then.between(batch.after, batch.upto)
        heard = [to_model_event(EVENT_ADAPTER.validate_json(payload)) for payload in batch.payloads]
        # A batch may still have what was erased a moment ago. What was pruned is in, or a part would be missing.
        rest = iter(there)
        assert all(any(each == told for _, told in rest) for each in heard), "not in the log, or not in its order"
        assert {told for seq, told in there if seq not in then.erased} <= set(heard), "a part only"

    def check(self) -> None:
        """Raises what went wrong in it."""
        if self._task.done():
            self._task.result()

    async def leave(self) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.result()


def to_model_event(event: Event) -> LoggedEvent:
    """As the model knows it."""
    run_id = get_run_id(event)
    if isinstance(event, ThreadChanged):
        return (event.type, f"{event.thread_id} {event.title}")
    if run_id is None:
        return (event.type, str(getattr(event, "thread_id", "")))
    if isinstance(event, RunQueued):
        return (event.type, f"{run_id} {event.text}")
    if is_terminal(event):
        return ("end", str(run_id))
    return (event.type, f"{run_id} {getattr(event, 'thought', '')}".strip())
