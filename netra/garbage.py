"""How often a server looks for garbage in circles.

Python's defaults look through all that lives again and again: with a thousand sockets open that is a third of the
processor time. But daphne leaves each connection in a circle, some 20 KB of it: where that is looked for too seldom,
clients that come and go fill the memory.
"""

import gc

YOUNG = 10_000  # allocations between two looks at the youngest
OLDER = (2, 2)  # looks at the younger between two at the older: some 1,500 connections between two at all


def settle() -> None:
    """Once, when a server is open: what is there by now stays, and is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *OLDER)
