"""What runs spend, recorded as they go: in the transaction of the events that tell of the steps."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db import connection, transaction

from netra.core.heads import key
from tools.spending.dollars import stored
from tools.spending.entry import Entry
from tools.spending.models import DaySpend, Hold, Spend
from tools.spending.windows import day_of

Line = tuple[UUID, datetime, str, str]
"""User, day, kind, name."""

ADD = """
INSERT INTO {table} (owner_id, day, kind, name, cost) VALUES {rows}
ON CONFLICT (owner_id, day, kind, name) DO UPDATE SET cost = {table}.cost + excluded.cost
"""


def record_all(entries: Sequence[Entry]) -> None:
    """Must be within a transaction, best after it has the heads of these users' streams: then nobody else is adding
    to the same days at this moment, and nothing is waited for."""
    if not entries:
        return
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("spending is recorded with what it was spent on, or not at all")
    Spend.objects.bulk_create([_row(entry) for entry in entries])
    if days := _by_day(entries):
        _add(days)


def settle(reservations: Sequence[UUID]) -> None:
    """Let go what was set aside: its cost is recorded in this very transaction, or nothing was spent after all.

    Settling twice is settling once.
    """
    if reservations:
        Hold.objects.filter(id__in=reservations).delete()


def _row(entry: Entry) -> Spend:
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


def _by_day(entries: Sequence[Entry]) -> Mapping[Line, int]:
    found: Counter[Line] = Counter()
    for entry in entries:
        if entry.cost:
            found[entry.user_id, day_of(entry.at.astimezone(UTC)), entry.kind, entry.name[:200]] += stored(entry.cost)
    return found


def _add(days: Mapping[Line, int]) -> None:
    """One statement, in the order of its keys, so that two who add to several cannot wait for each other."""
    moment = connection.ops.adapt_datetimefield_value
    table = connection.ops.quote_name(DaySpend._meta.db_table)
    values = [(key(user), moment(day), kind, name, cost) for (user, day, kind, name), cost in sorted(days.items())]
    with connection.cursor() as cursor:
        rows = ", ".join(["(%s, %s, %s, %s, %s)"] * len(values))
        cursor.execute(ADD.format(table=table, rows=rows), [each for row in values for each in row])
