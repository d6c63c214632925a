"""Rules over a user's words, and where they run."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

SHORT = 1000
"""Characters of an ask that is read at once: nearly all are, and a thread costs more than the reading."""


async def off_loop(ask: str, read: Callable[[], Result]) -> Result:
    """What `read` returns, which looks through `ask`: on a thread where that is long, so that nobody waits for it."""
    return read() if len(ask) <= SHORT else await asyncio.to_thread(read)
