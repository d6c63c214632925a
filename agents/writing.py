"""A language model's texts while they are written: numbered, and told now and then instead of word by word."""

import time
from collections.abc import Callable

from agents.thinking import Heard, Words

PAUSE = 0.25  # seconds between two states of a text; what is written faster is told whole only
LONGEST = 4_000  # characters of a text that are told
MOST = 200  # texts of a turn that are told


class Writing:
    """One agent's turn. `clock` gives seconds."""

    def __init__(self, heard: Heard, clock: Callable[[], float] = time.monotonic) -> None:
        self._heard = heard
        self._clock = clock
        self._part = -1
        self._text = ""
        self._new = False  # there is more than was told
        self._told = 0.0

    def begun(self, text: str) -> None:
        """A new text, as far as it is there."""
        self._part += 1
        self._told = self._clock()
        self._text = ""
        self._new = self._grown(text)

    async def went_on(self, more: str) -> None:
        self._new |= self._grown(more)
        now = self._clock()
        if self._new and now - self._told >= PAUSE and self._part < MOST:
            self._told, self._new = now, False
            await self._heard(Words(self._part, self._text, final=False))

    async def ended(self, text: str) -> None:
        """It is whole. One of nothing but white space is none."""
        if (whole := text.strip()) and self._part < MOST:
            await self._heard(Words(self._part, whole[:LONGEST], final=True))

    def _grown(self, more: str) -> bool:
        before = len(self._text)
        if before < LONGEST:
            self._text = (self._text + more).lstrip()[:LONGEST]
        return len(self._text) > before
