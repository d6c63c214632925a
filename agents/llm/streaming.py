"""Texts of a language model while they are written: numbered, sent at intervals, and limited in length."""

import time
from collections.abc import Callable
from typing import Any

from pydantic_ai.exceptions import UsageLimitExceeded
from pydantic_ai.messages import AgentStreamEvent, PartDeltaEvent, PartStartEvent

from agents.llm.turns import OnText, TextChunk

EMIT_INTERVAL_SECONDS = 0.25  # seconds between two states of a text; what is written faster is told whole only
MAX_TEXT_CHARACTERS = 4_000  # characters of a text that are told
MAX_TEXTS = 200  # texts of a turn that are told


class TextStream:
    """One agent's turn. `clock` gives seconds."""

    def __init__(self, on_text: OnText, clock: Callable[[], float] = time.monotonic) -> None:
        self._on_text = on_text
        self._clock = clock
        self._part = -1
        self._text = ""
        self._has_unsent_text = False  # there is more than was told
        self._sent_at = 0.0

    def start_text(self, text: str) -> None:
        """A new text, as far as it is there."""
        self._part += 1
        self._sent_at = self._clock()
        self._text = ""
        self._has_unsent_text = self._append(text)

    async def extend_text(self, more: str) -> None:
        self._has_unsent_text |= self._append(more)
        now = self._clock()
        if self._has_unsent_text and now - self._sent_at >= EMIT_INTERVAL_SECONDS and self._part < MAX_TEXTS:
            self._sent_at, self._has_unsent_text = now, False
            await self._on_text(TextChunk(self._part, self._text, final=False))

    async def finish_text(self, text: str) -> None:
        """It is whole. One of nothing but white space is none."""
        if (whole := text.strip()) and self._part < MAX_TEXTS:
            await self._on_text(TextChunk(self._part, whole[:MAX_TEXT_CHARACTERS], final=True))

    def _append(self, more: str) -> bool:
        before = len(self._text)
        if before < MAX_TEXT_CHARACTERS:
            self._text = (self._text + more).lstrip()[:MAX_TEXT_CHARACTERS]
        return len(self._text) > before


MAX_ANSWER_PIECES = 50_000
MAX_ANSWER_CHARACTERS = 250_000
"""Of texts, thoughts and arguments of calls together. A report's words are not a model's: an answer is short."""


class AnswerLimiter:
    """One answer as it comes. `add` raises where it is more than an answer may be, which ends the request."""

    def __init__(self) -> None:
        self._pieces = 0
        self._characters = 0

    def add(self, event: AgentStreamEvent) -> None:
        match event:
            case PartStartEvent(part=part):
                self._count_piece(
                    _count_characters(getattr(part, "content", None)) + _count_characters(getattr(part, "args", None))
                )
            case PartDeltaEvent(delta=delta):
                self._count_piece(
                    _count_characters(getattr(delta, "content_delta", None))
                    + _count_characters(getattr(delta, "args_delta", None))
                )

    def _count_piece(self, characters: int) -> None:
        self._pieces += 1
        self._characters += characters
        if self._pieces > MAX_ANSWER_PIECES or self._characters > MAX_ANSWER_CHARACTERS:
            raise UsageLimitExceeded(
                f"an answer of more than {MAX_ANSWER_CHARACTERS} characters or {MAX_ANSWER_PIECES} pieces"
            )


def _count_characters(said: Any) -> int:
    return len(said) if isinstance(said, str) else 0 if said is None else len(str(said))
