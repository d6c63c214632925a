"""What a reader of the figures must know about how the log was read; each remark counts."""

import duckdb

from workloads.mapping import Plan
from workloads.reading.durations import in_seconds
from workloads.reading.table import identifier


def remarks(con: duckdb.DuckDBPyConnection, plan: Plan) -> tuple[str, ...]:
    """Remarks on the rows that were kept, from `cells` and `typed`."""
    found = (
        _disorder(con),
        _twins(con, plan),
        _uncounted(con, plan),
        _unit(con, plan, "latency"),
        _unit(con, plan, "first_token"),
        _unread(con, plan, "latency_ms", ("latency_ms", "latency_s", "latency", "end_time")),
        _statuses(con, plan),
        _prompts(plan),
    )
    return tuple(remark for remark in found if remark)


def _disorder(con: duckdb.DuckDBPyConnection) -> str:
    rows = _one(
        con,
        'SELECT count(*) FROM (SELECT "at" < lag("at") OVER (ORDER BY row) AS early FROM typed WHERE why IS NULL) '
        "WHERE early",
    )
    return f"{rows:,} rows were earlier than the row before them: the analysis goes by time." if rows else ""


def _twins(con: duckdb.DuckDBPyConnection, plan: Plan) -> str:
    if "time" not in plan.columns or "request_id" in plan.columns:
        return ""
    cells = ", ".join(identifier(field) for field in plan.columns)
    rows = _one(
        con,
        f"SELECT coalesce(sum(n - 1), 0)::BIGINT FROM "
        f'(SELECT count(*) AS n FROM stage WHERE "time" IS NOT NULL GROUP BY hash({cells}) HAVING n > 1)',
    )
    if not rows:
        return ""
    return f"{rows:,} rows equal another in every column read; without a request id they may be real, and were kept."


def _uncounted(con: duckdb.DuckDBPyConnection, plan: Plan) -> str:
    if "output_tokens" not in plan.columns:
        return ""
    rows = _one(
        con, "SELECT count(*) FROM cells JOIN typed USING (row) WHERE why IS NULL AND value(output_tokens) IS NULL"
    )
    return f"{rows:,} failed requests count no output tokens: taken as 0." if rows else ""


def _unit(con: duckdb.DuckDBPyConnection, plan: Plan, field: str) -> str:
    if field not in plan.columns:
        return ""
    unit = "seconds" if in_seconds(con, field) else "milliseconds"
    return f'"{plan.columns[field]}" was read as {unit}, by its median.'


def _unread(con: duckdb.DuckDBPyConnection, plan: Plan, column: str, fields: tuple[str, ...]) -> str:
    read = [f"cells.{identifier(field)}" for field in fields if field in plan.columns]
    if not read:
        return ""
    filled = " OR ".join(f"value({field}) IS NOT NULL" for field in read)
    rows = _one(
        con,
        "SELECT count(*) FROM cells JOIN typed USING (row) "
        f"WHERE why IS NULL AND typed.{column} IS NULL AND ({filled})",
    )
    return f"{rows:,} rows have an unreadable or negative latency: it was left empty." if rows else ""


def _statuses(con: duckdb.DuckDBPyConnection, plan: Plan) -> str:
    if "status" not in plan.columns:
        return ""
    rows = _one(con, "SELECT count(*) FROM cells WHERE value(status) IS NOT NULL AND succeeded(status) IS NULL")
    return f"{rows:,} rows have a status that tells neither success nor failure." if rows else ""


def _prompts(plan: Plan) -> str:
    if "prompt" not in plan.columns or "prompt_hash" in plan.columns:
        return ""
    return "Prompts were compared by their text alone, parameters apart from it unknown; only a hash was kept."


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0
