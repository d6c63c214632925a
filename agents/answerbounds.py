"""How long one answer of a language model may get: a model that does not come to an end is not waited for."""

from typing import Any

from pydantic_ai.exceptions import UsageLimitExceeded
from pydantic_ai.messages import AgentStreamEvent, PartDeltaEvent, PartStartEvent

PIECES = 50_000
CHARACTERS = 250_000
"""Of texts, thoughts and arguments of calls together. A report's words are not a model's: an answer is short."""


class Answer:
    """One answer as it comes. `add` raises where it is more than an answer may be, which ends the request."""

    def __init__(self) -> None:
        self._pieces = 0
        self._characters = 0

    def add(self, event: AgentStreamEvent) -> None:
        match event:
            case PartStartEvent(part=part):
                self._count(_length(getattr(part, "content", None)) + _length(getattr(part, "args", None)))
            case PartDeltaEvent(delta=delta):
                self._count(
                    _length(getattr(delta, "content_delta", None)) + _length(getattr(delta, "args_delta", None))
                )

    def _count(self, characters: int) -> None:
        self._pieces += 1
        self._characters += characters
        if self._pieces > PIECES or self._characters > CHARACTERS:
            raise UsageLimitExceeded(f"an answer of more than {CHARACTERS} characters or {PIECES} pieces")


def _length(said: Any) -> int:
    return len(said) if isinstance(said, str) else 0 if said is None else len(str(said))
