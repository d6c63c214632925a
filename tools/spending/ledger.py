"""The ledger: what the steps of runs cost, recorded in the transaction of their events, and summed by run."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q, Sum

from core.db import as_user, to_uuid_param
from tools.spending.balances import get_day_start
from tools.spending.dollars import format_usd, to_column_units
from tools.spending.models import DaySpend, Hold, Spend, SpendKind

ZERO = Decimal(0)


def _get_utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendEntry:
    """The cost of a model's request or a tool's call. `input_tokens` include `cached_tokens`, which were read from a
    cache. `cost` is in US dollars, and None if the price is not known, which does not mean that it was free."""

    user_id: UUID
    run_id: UUID
    kind: Literal["model", "tool"]
    name: str
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cost: Decimal | None
    at: datetime = field(default_factory=_get_utc_now)


DayKey = tuple[UUID, datetime, str, str]
"""User, day, kind, name."""

UPSERT_DAYS = """
INSERT INTO {table} (owner_id, day, kind, name, cost) VALUES {rows}
ON CONFLICT (owner_id, day, kind, name) DO UPDATE SET cost = {table}.cost + excluded.cost
"""


def record_entries(entries: Sequence[SpendEntry]) -> None:
    """Record the cost of steps, within the transaction that stores their events.

    It should have locked these users' streams before: then nobody else adds to the same days, and nobody waits.
    """
    if not entries:
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError(
            "spending must be recorded in the transaction that stores its events"
        )
    Spend.objects.bulk_create([_to_spend(entry) for entry in entries])
    if days := _sum_by_day(entries):
        _add_to_days(days)


def release_holds(reservations: Sequence[UUID]) -> None:
    """End reservations: their cost is recorded in the same transaction, or nothing was spent.

    Ending a reservation again changes nothing.
    """
    if reservations:
        Hold.objects.filter(id__in=reservations).delete()


def _to_spend(entry: SpendEntry) -> Spend:
    return Spend(
        owner_id=entry.user_id,
        run_id=entry.run_id,
        kind=entry.kind,
        name=entry.name[:200],
        input_tokens=entry.input_tokens,
        output_tokens=entry.output_tokens,
        cached_tokens=entry.cached_tokens,
        cost=entry.cost,
        at=entry.at,
    )


def _sum_by_day(entries: Sequence[SpendEntry]) -> Mapping[DayKey, int]:
    sums: Counter[DayKey] = Counter()
    for entry in entries:
        if entry.cost:
            sums[entry.user_id, get_day_start(entry.at.astimezone(UTC)), entry.kind, entry.name[:200]] += (
                to_column_units(entry.cost)
            )
    return sums


def _add_to_days(days: Mapping[DayKey, int]) -> None:
    """One statement, in the order of its keys, so that two transactions cannot wait for each other."""
    to_column_time = connection.ops.adapt_datetimefield_value
    table = connection.ops.quote_name(DaySpend._meta.db_table)
    values = [
        (to_uuid_param(user), to_column_time(day), kind, name, cost)
        for (user, day, kind, name), cost in sorted(days.items())
    ]
    with connection.cursor() as cursor:
        rows = ", ".join(["(%s, %s, %s, %s, %s)"] * len(values))
        cursor.execute(UPSERT_DAYS.format(table=table, rows=rows), [value for row in values for value in row])


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCost:
    """The cost of a run so far. `known` is the sum of the known prices in US dollars, `unknown` the number of steps
    without one."""

    known: Decimal = ZERO
    unknown: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the cost as JSON. Unless all prices are known, `usd` is null and `known_usd` the least that it was."""
        return {
            "usd": None if self.unknown else format_usd(self.known),
            "known_usd": format_usd(self.known),
            "unknown": self.unknown,
            "model_tokens": {
                "input": self.input_tokens,
                "output": self.output_tokens,
                "cached": self.cached_tokens,
            },
        }


def load_run_costs(user_id: UUID, run_ids: Collection[UUID]) -> Mapping[UUID, RunCost]:
    """Return the cost of each of these runs that has spent something, in one query."""
    by_model = Q(kind=SpendKind.MODEL)
    sums = {
        "known": Sum("cost"),
        "unknown": Count("id", filter=Q(cost=None)),
        "input_tokens": Sum("input_tokens", filter=by_model),
        "output_tokens": Sum("output_tokens", filter=by_model),
        "cached_tokens": Sum("cached_tokens", filter=by_model),
    }
    with as_user(user_id):
        rows = Spend.objects.for_user(user_id).filter(run_id__in=run_ids).values("run_id").annotate(**sums)
        return {row["run_id"]: _to_run_cost(row) for row in rows}


def _to_run_cost(row: Mapping[str, Any]) -> RunCost:
    return RunCost(
        known=row["known"] or ZERO,
        unknown=row["unknown"],
        input_tokens=row["input_tokens"] or 0,
        output_tokens=row["output_tokens"] or 0,
        cached_tokens=row["cached_tokens"] or 0,
    )
