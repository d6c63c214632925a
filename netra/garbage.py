"""When a server looks for garbage in circles.

Python's defaults look through all that lives again and again: with a thousand sockets open that is a third of the
processor time. But daphne leaves each connection in a circle, some 20 KB of it: so all is looked through once so many
requests and sockets have come to their end, and seldom otherwise.
"""

import gc

YOUNG = 10_000  # allocations between two looks at the youngest
OLDER = (10, 20)  # looks at the younger between two at the older
ENDED = 1_000  # requests and sockets that have ended between two looks at all


class Garbage:
    """One per process, told of each request and socket that has ended."""

    def __init__(self) -> None:
        self._ended = 0

    def settle(self) -> None:
        """Once, when a server is open: what is there by now stays, and is not looked at again."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG, *OLDER)

    def ended(self) -> None:
        self._ended += 1
        if self._ended >= ENDED:
            self._ended = 0
            gc.collect()
