"""Counts as rows: a turn's uses are added to the day's by one statement."""

from collections.abc import Mapping
from datetime import UTC, date, datetime

from django.db import connection

from legacy.deprecations.uses import Use
from legacy.models import LegacyUse

ROWS = 1_000  # in one statement; SQLite takes 32,766 parameters


def add(counts: Mapping[Use, int], *, day: date | None = None) -> None:
    """Each count to its row of the day (UTC). In one order, so that turns that end together do not lock in a circle."""
    day = day or datetime.now(UTC).date()
    rows = sorted((use.agent, use.what, use.place.file, use.place.line, count) for use, count in counts.items())
    for start in range(0, len(rows), ROWS):
        _add([(day, *row) for row in rows[start : start + ROWS]])


def _add(rows: list[tuple[date, str, str, str, int, int]]) -> None:
    table = LegacyUse._meta.db_table
    places = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (day, agent, what, file, line, count) VALUES {places} "
            f"ON CONFLICT (day, agent, what, file, line) DO UPDATE SET count = {table}.count + excluded.count",
            [value for row in rows for value in row],
        )
