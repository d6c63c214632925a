"""What one step of a run cost."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A model's request or a tool's call. `input_tokens` are all of a request's, `cached_tokens` those of them that
    were read from a cache. `cost` is in US dollars, None where the price is not known, which is not nothing."""

    user_id: UUID
    run_id: UUID
    kind: Literal["model", "tool"]
    name: str
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost: Decimal | None
    at: datetime = field(default_factory=_now)
