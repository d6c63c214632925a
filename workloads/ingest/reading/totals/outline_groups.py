"""Carry the names of groups to the rows below them, where a table has them only in the first row of each group."""

from collections.abc import Iterator, Sequence
from typing import Final

import duckdb

from core.i18n.text import Text, text
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.sums import has_request_fields
from workloads.ingest.reading.table import quote_identifier
from workloads.ingest.reading.totals.outline_totals import MOST_ROWS, is_total_name

_OUTLINE_FIELDS: Final = ("model", "time", "provider")
"""Each request has them, so an empty cell means the one above."""

_OWNER_FIELDS: Final = ("team", "feature", "customer", "user", "environment", "api_key")
"""A request may lack them."""

_SAMPLED_ROWS: Final = 200


def carry_outline(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> tuple[Text, ...]:
    """Let the values of columns that are filled only in the first row of each group hold for its other rows, as in a
    pivot table. Returns notes on these columns."""
    found = [field for field in _list_sparse(con, mapping) if _is_outline(con, field)]
    carry_values(con, found)
    owners = list(_iter_owners(con, mapping))
    carry_values(con, owners, where="value(model) IS NOT NULL")
    return tuple(
        text(
            '"{column}" is filled only in the first row of each group, so each value was read for the rows below it.',
            column=mapping.columns[field][:60],
        )
        for field in (*found, *owners)
    )


def carry_values(con: duckdb.DuckDBPyConnection, carried: Sequence[str], *, where: str = "true") -> None:
    """Let the values of these columns of `stage` hold for the rows after them, if they are empty and `where` holds."""
    if carried:
        values = ", ".join(
            f"CASE WHEN {where} THEN last_value(value({field}) IGNORE NULLS) OVER (ORDER BY rowid) ELSE {field} END "
            f"AS {field}"
            for field in map(quote_identifier, carried)
        )
        con.execute(f"CREATE OR REPLACE TEMP TABLE stage AS SELECT * REPLACE ({values}) FROM stage ORDER BY rowid")


def _list_sparse(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> list[str]:
    """Return the fields that are empty in most of the first rows."""
    fields = [field for field in _OUTLINE_FIELDS if field in mapping.columns]
    if not fields:
        return []
    blank = ", ".join(f"count(*) - count(nullif(trim({quote_identifier(field)}), ''))" for field in fields)
    total, *counts = con.execute(f"SELECT count(*), {blank} FROM (FROM stage LIMIT {_SAMPLED_ROWS})").fetchone() or (0,)
    return [field for field, count in zip(fields, counts, strict=False) if count * 2 > total]


def _is_outline(con: duckdb.DuckDBPyConnection, field: str) -> bool:
    """Whether most cells are empty, but not the first, and each of the others is there once only."""
    cell = f"value({quote_identifier(field)})"
    row = con.execute(
        f"""SELECT count({cell}), count(DISTINCT {cell}), arg_min({cell} IS NOT NULL, rowid),
            count(*) FILTER ({cell} IS NULL) FROM stage"""
    ).fetchone()
    filled, different, begins, empty = row or (0, 0, False, 0)
    return bool(begins) and 2 <= filled == different < empty


def _iter_owners(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> Iterator[str]:
    """Yield the fields with owners of groups, in a table that people read."""
    if "model" not in mapping.columns or has_request_fields(mapping):
        return
    for field in _OWNER_FIELDS:
        if field in mapping.columns:
            names = f"value({quote_identifier(field)}), value(model)"
            rows = con.execute(f"SELECT {names} FROM stage ORDER BY rowid LIMIT {MOST_ROWS + 1}").fetchall()
            if len(rows) <= MOST_ROWS and are_groups([(owner, model) for owner, model in rows]):
                yield field


def are_groups(rows: Sequence[tuple[str | None, str | None]]) -> bool:
    """Whether owners, each beside the model of its row, are those of groups of rows.

    Each stands once in front of the models of its group, and more than one group has further rows: those that nobody
    owns would be together. A row with an owner and no model is a head or total of a group, if it is no total of all."""
    first = next((place for place, (_, model) in enumerate(rows) if model is not None), len(rows) - 1)
    if all(owner is None for owner, _ in rows[: first + 1]):
        return False
    owners = [owner for owner, model in rows if model is not None]
    names = [owner for owner in owners if owner is not None]
    heads = {owner for owner, model in rows if owner is not None and model is None}
    has_heads = len(heads) > 1 and any(
        not is_total_name(head) or any(head.startswith(f"{name} ") for name in names) for head in heads
    )
    followed = sum(
        before is not None and after is None for before, after in zip(owners, (*owners[1:], ""), strict=True)
    )
    return len(set(names)) == len(names) < len(owners) and (has_heads or followed > 1)
