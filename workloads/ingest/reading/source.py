"""The Source of a log that was read: what it holds, what was left out and what to know about it."""

import math
from collections.abc import Sequence
from types import MappingProxyType

import duckdb

from netra.core.exceptions import BadInput
from netra.language.text import Text, counted, joined, text
from workloads.mapping import Plan
from workloads.reading.rows import GATEWAY
from workloads.reading.table import Table, identifier
from workloads.schema import REQUESTS, Rejection, Source


def rejections(con: duckdb.DuckDBPyConnection, reasons: Sequence[Text]) -> tuple[Rejection, ...]:
    """Why rows of `typed` were left out, the commonest of the `reasons` first."""
    rows = con.execute("SELECT why, count(*), min(row, 5) FROM typed WHERE why IS NOT NULL GROUP BY why").fetchall()
    found = (Rejection(why=reasons[why], rows=count, examples=tuple(first)) for why, count, first in rows)
    return tuple(sorted(found, key=lambda kind: (-kind.rows, kind.why)))


def require_rows(con: duckdb.DuckDBPyConnection, rejected: tuple[Rejection, ...]) -> None:
    """Raise BadInput if no row is left, or fewer than were found unusable."""
    kept = _one(con, "SELECT count(*) FROM typed WHERE why IS NULL")
    unusable = sum(kind.rows for kind in rejected if kind.why != GATEWAY)
    if kept and unusable <= kept:
        return
    if not rejected:
        raise BadInput(text("The file has a header and no rows."))
    raise BadInput(
        counted(
            "Only {usable:,} of {n:,} row can be used, too few to rely on. Left out: {reasons}.",
            "Only {usable:,} of {n:,} rows can be used, too few to rely on. Left out: {reasons}.",
            n=kept + unusable,
            usable=kept,
            reasons=joined("; ", (_reason(kind) for kind in rejected[:5])),
        )
    )


def plan_notes(plan: Plan) -> tuple[Text, ...]:
    """What was guessed from the columns' names."""
    if not plan.guessed:
        return ()
    pairs = ", ".join(f"{field}={column}" for field, column in plan.columns.items() if field not in plan.given)
    return (text("Columns were guessed from their names: {pairs}. Correct what is wrong.", pairs=pairs),)


def summary(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    plan: Plan,
    *,
    name: str,
    relative: bool,
    rejected: tuple[Rejection, ...],
    notes: tuple[Text, ...],
) -> Source:
    """The Source of what stands in `typed`."""
    block_tokens, block_notes = _block_tokens(con, plan)
    used = {column for chosen in plan.columns.values() for column in (chosen, chosen.split(".")[0])}
    return Source(
        name=name,
        format=plan.format.name,
        mapping=MappingProxyType(dict(plan.columns)),
        guessed=plan.guessed,
        columns=_columns(con, plan),
        ignored=tuple(column for column in table.tops if column not in used),
        rows=_one(con, "SELECT count(*) FROM typed WHERE why IS NULL"),
        rejected=rejected,
        notes=(*notes, *block_notes),
        relative_clock=relative,
        block_tokens=block_tokens,
        synthetic=_one(con, "SELECT count(*) FROM cells WHERE flag(synthetic)") > 0,
    )


def _reason(kind: Rejection) -> Text:
    return counted(
        "{why} ({n:,} row, e.g. row {places})",
        "{why} ({n:,} rows, e.g. row {places})",
        why=kind.why,
        n=kind.rows,
        places=", ".join(map(str, kind.examples)),
    )


def _columns(con: duckdb.DuckDBPyConnection, plan: Plan) -> frozenset[str]:
    # Columns that are never NULL say nothing by being filled: there the mapping tells.
    sources = {"at": "time", "cache_read": "cached_tokens", "cache_write": "cache_write_tokens"}
    counts = ", ".join(f"count({identifier(name)})" for name in REQUESTS)
    row = con.execute(f"SELECT {counts} FROM typed WHERE why IS NULL").fetchone() or ()
    filled = {name for name, count in zip(REQUESTS, row, strict=True) if count}
    return frozenset(filled - {name for name, field in sources.items() if not _filled(con, plan, field)})


def _filled(con: duckdb.DuckDBPyConnection, plan: Plan, field: str) -> bool:
    if field not in plan.columns:
        return False
    return _one(con, f"SELECT count(value({identifier(field)})) FROM cells") > 0


def _block_tokens(con: duckdb.DuckDBPyConnection, plan: Plan) -> tuple[int | None, tuple[Text, ...]]:
    """The format's block size, or the least that lets every prompt fit into its blocks."""
    row = con.execute(
        "SELECT max((fresh_input + cache_read + cache_write) / len(blocks)) FROM typed "
        "WHERE why IS NULL AND len(blocks) > 0"
    ).fetchone()
    if row is None or row[0] is None:
        return None, ()
    if plan.format.block_tokens is not None:
        return plan.format.block_tokens, ()
    size = max(1, math.ceil(row[0]))
    note = counted(
        "The size of a prefix block is not stated: taken as {n} token, the least that every prompt fits.",
        "The size of a prefix block is not stated: taken as {n} tokens, the least that every prompt fits.",
        n=size,
    )
    return size, (note,)


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0
