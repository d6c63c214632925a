"""Steps and budgets for tests."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from tools.spending.ledger import SpendEntry, record_entries
from tools.spending.models import Budget

TOOL = "estimate_lever"


def spend(user_id: UUID, cost: str | None, run_id: UUID | None = None, **more: Any) -> UUID:
    """One step's cost, in a run of its own where none is named. Returns the run."""
    run = run_id or uuid4()
    what = {"kind": "tool", "name": TOOL} | more
    with transaction.atomic():
        record_entries([SpendEntry(user_id=user_id, run_id=run, cost=None if cost is None else Decimal(cost), **what)])
    return run


def budget(limit: str, **more: Any) -> Budget:
    found: Budget = Budget.objects.create(**({"name": f"budget {uuid4().hex[:6]}", "limit": Decimal(limit)} | more))
    return found
