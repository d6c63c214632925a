"""What is recorded: one attempt at a tool, allowed or not."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

Outcome = Literal["ok", "failed", "timeout", "cancelled", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """`user_id` is whose data it was about. `actor_id` is the operator who acted; None in the user's own run.

    `arguments` and `result` are JSON texts, of which digests are kept; a call that came to nothing has no result.
    `rule` and `rule_version` are what decided. `code` says why it was refused or failed; empty where it was neither.
    `cost` is in US dollars.
    """

    user_id: UUID
    actor_id: UUID | None
    run_id: UUID | None
    agent: str
    tool: str
    arguments: str
    result: str | None
    rule: str
    rule_version: int
    outcome: Outcome
    code: str
    duration_ms: float
    cost: Decimal
    at: datetime
