"""Attempts to be recorded."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from tools.audit.attempts import CallAttempt
from tools.audit.record import append_attempts


def attempt(user_id: UUID, **options: Any) -> CallAttempt:
    told: dict[str, Any] = {
        "user_id": user_id,
        "actor_id": None,
        "run_id": uuid4(),
        "agent": "data",
        "tool": "profile_workload",
        "arguments": '{"days": 7}',
        "result": '{"spend": "12.50"}',
        "rule": "default of profile_workload",
        "rule_version": 1,
        "outcome": "ok",
        "code": "",
        "duration_ms": 12.3456,
        "cost": Decimal("0.002"),
        "at": datetime.now(UTC),
    }
    return CallAttempt(**told | options)


def record(user_id: UUID, count: int = 1, **options: Any) -> None:
    with transaction.atomic():
        append_attempts([attempt(user_id, **options) for _ in range(count)])
