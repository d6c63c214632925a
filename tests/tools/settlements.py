"""Receipts as calls leave them."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from tools.audit.attempts import CallAttempt
from tools.settlements import Settlement


def attempt(user_id: UUID, **changes: Any) -> CallAttempt:
    fields: dict[str, Any] = {
        "user_id": user_id,
        "actor_id": None,
        "run_id": uuid4(),
        "agent": "data",
        "tool": "t",
        "arguments": "{}",
        "result": "1",
        "rule": "test",
        "rule_version": 0,
        "outcome": "ok",
        "code": "",
        "duration_ms": 1.0,
        "cost": Decimal(0),
        "at": datetime.now(UTC),
    }
    return CallAttempt(**fields | changes)


def receipt(user_id: UUID, **changes: Any) -> Settlement:
    return Settlement(attempt=attempt(user_id), **changes)
