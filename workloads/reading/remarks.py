"""What a reader of the figures must know about how the log was read; each remark counts."""

import duckdb

from netra.language.text import Text, counted, text
from workloads.mapping import Plan
from workloads.reading.durations import in_seconds
from workloads.reading.table import identifier


def remarks(con: duckdb.DuckDBPyConnection, plan: Plan) -> tuple[Text, ...]:
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
    return tuple(remark for remark in found if remark is not None)


def _disorder(con: duckdb.DuckDBPyConnection) -> Text | None:
    rows = _one(
        con,
        'SELECT count(*) FROM (SELECT "at" < lag("at") OVER (ORDER BY row) AS early FROM typed WHERE why IS NULL) '
        "WHERE early",
    )
    if not rows:
        return None
    return counted(
        "{n:,} row was earlier than the row before it: the analysis goes by time.",
        "{n:,} rows were earlier than the row before them: the analysis goes by time.",
        n=rows,
    )


def _twins(con: duckdb.DuckDBPyConnection, plan: Plan) -> Text | None:
    if "time" not in plan.columns or "request_id" in plan.columns:
        return None
    cells = ", ".join(identifier(field) for field in plan.columns)
    rows = _one(
        con,
        f"SELECT coalesce(sum(n - 1), 0)::BIGINT FROM "
        f'(SELECT count(*) AS n FROM stage WHERE "time" IS NOT NULL GROUP BY hash({cells}) HAVING n > 1)',
    )
    if not rows:
        return None
    return counted(
        "{n:,} row equals another in every column read; without a request id it may be real, and was kept.",
        "{n:,} rows equal another in every column read; without a request id they may be real, and were kept.",
        n=rows,
    )


def _uncounted(con: duckdb.DuckDBPyConnection, plan: Plan) -> Text | None:
    if "output_tokens" not in plan.columns:
        return None
    rows = _one(
        con, "SELECT count(*) FROM cells JOIN typed USING (row) WHERE why IS NULL AND value(output_tokens) IS NULL"
    )
    if not rows:
        return None
    return counted(
        "{n:,} failed request counts no output tokens: taken as 0.",
        "{n:,} failed requests count no output tokens: taken as 0.",
        n=rows,
    )


def _unit(con: duckdb.DuckDBPyConnection, plan: Plan, field: str) -> Text | None:
    if field not in plan.columns:
        return None
    if in_seconds(con, field):
        return text('"{column}" was read as seconds, by its median.', column=plan.columns[field])
    return text('"{column}" was read as milliseconds, by its median.', column=plan.columns[field])


def _unread(con: duckdb.DuckDBPyConnection, plan: Plan, column: str, fields: tuple[str, ...]) -> Text | None:
    read = [f"cells.{identifier(field)}" for field in fields if field in plan.columns]
    if not read:
        return None
    filled = " OR ".join(f"value({field}) IS NOT NULL" for field in read)
    rows = _one(
        con,
        "SELECT count(*) FROM cells JOIN typed USING (row) "
        f"WHERE why IS NULL AND typed.{column} IS NULL AND ({filled})",
    )
    if not rows:
        return None
    return counted(
        "{n:,} row has an unreadable or negative latency: it was left empty.",
        "{n:,} rows have an unreadable or negative latency: it was left empty.",
        n=rows,
    )


def _statuses(con: duckdb.DuckDBPyConnection, plan: Plan) -> Text | None:
    if "status" not in plan.columns:
        return None
    rows = _one(con, "SELECT count(*) FROM cells WHERE value(status) IS NOT NULL AND succeeded(status) IS NULL")
    if not rows:
        return None
    return counted(
        "{n:,} row has a status that tells neither success nor failure.",
        "{n:,} rows have a status that tells neither success nor failure.",
        n=rows,
    )


def _prompts(plan: Plan) -> Text | None:
    if "prompt" not in plan.columns or "prompt_hash" in plan.columns:
        return None
    return text("Prompts were compared by their text alone, parameters apart from it unknown; only a hash was kept.")


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0
