"""What one task waits for and another sets off.

An asyncio.Event keeps a queue of waiters, which every idle socket would pay for in memory; here there is one at most.
"""

import asyncio


class Signal:
    """Set, or not. Waiting twice at once is a defect of the caller's."""

    __slots__ = ("_set", "_waiter")

    def __init__(self, *, set_: bool = False) -> None:
        self._set = set_
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_set(self) -> bool:
        return self._set

    def set(self) -> None:
        self._set = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def clear(self) -> None:
        self._set = False

    async def wait(self) -> None:
        while not self._set:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
