"""How often a server looks for garbage in circles.

Python's defaults look through all that lives again and again: with a thousand sockets open that is a third of the
processor time, and hardly anything here is left in circles.
"""

import gc

YOUNG = 20_000  # allocations between two looks at the youngest
OLDER = (50, 100)


def settle() -> None:
    """Once, when a server is open: what is there by now stays, and is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *OLDER)
