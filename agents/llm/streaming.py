"""Texts of a language model while they are written: numbered, sent at intervals, and limited in length."""

import time
from collections.abc import Callable
from typing import Any

from pydantic_ai.exceptions import UsageLimitExceeded
from pydantic_ai.messages import AgentStreamEvent, FinishReason, PartDeltaEvent, PartStartEvent

from agents.llm.partial_texts import end_cut_off
from agents.llm.turns import OnText, TextChunk

EMIT_INTERVAL_SECONDS = 0.25  # between two partial states of a text; a faster text is sent only when complete
MAX_TEXT_CHARACTERS = 4_000  # that are sent of one text
MAX_TEXTS = 200  # that are sent of one turn
MAX_ANSWER_PIECES = 50_000
MAX_ANSWER_CHARACTERS = 250_000
"""Limits of one answer's texts, thoughts and call arguments together. A model does not write the report, so an answer
is short."""

CUT_OFF: frozenset[FinishReason] = frozenset(("length", "content_filter"))
"""Why a server ends an answer before the model does."""


class TextStream:
    """The texts of one agent's turn. `clock` returns seconds."""

    def __init__(self, on_text: OnText, clock: Callable[[], float] = time.monotonic) -> None:
        self._on_text = on_text
        self._clock = clock
        self._part = -1
        self._text = ""
        self._has_unsent_text = False  # more than was sent
        self._sent_at = 0.0

    def start_text(self, text: str) -> None:
        """Start a new text with its beginning."""
        self._part += 1
        self._sent_at = self._clock()
        self._text = ""
        self._has_unsent_text = self._append(text)

    async def extend_text(self, more: str) -> None:
        """Add to the current text, and send its state if the last one was sent long enough ago."""
        self._has_unsent_text |= self._append(more)
        now = self._clock()
        if self._has_unsent_text and now - self._sent_at >= EMIT_INTERVAL_SECONDS and self._part < MAX_TEXTS:
            self._sent_at, self._has_unsent_text = now, False
            await self._on_text(TextChunk(self._part, self._text, final=False))

    async def finish_text(self, text: str, *, is_cut_off: bool = False) -> None:
        """Send the complete text, unless it is blank; of one that ends too early, what is certainly complete."""
        complete = text.strip()
        if is_cut_off or len(complete) > MAX_TEXT_CHARACTERS:
            complete = end_cut_off(complete[:MAX_TEXT_CHARACTERS])
        if complete and self._part < MAX_TEXTS:
            await self._on_text(TextChunk(self._part, complete, final=True))

    def _append(self, more: str) -> bool:
        before = len(self._text)
        if before < MAX_TEXT_CHARACTERS:
            self._text = (self._text + more).lstrip()[:MAX_TEXT_CHARACTERS]
        return len(self._text) > before


class AnswerLimiter:
    """Limits one answer while it arrives. `add` raises above the limits, which ends the request."""

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


def _count_characters(value: Any) -> int:
    return len(value) if isinstance(value, str) else 0 if value is None else len(str(value))
