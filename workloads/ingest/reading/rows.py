"""From text cells to requests: every row either takes the shape of `schema.REQUESTS` or is told why not.

Leaves the temp table `typed` on the connection: the columns of REQUESTS and `why`, NULL for a row that is kept,
else the number of a reason.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import duckdb

from netra.language.text import Text, text
from workloads.mapping import COUNTS, Plan
from workloads.reading.clock import Reading
from workloads.reading.durations import milliseconds
from workloads.reading.table import identifier
from workloads.reading.tokens import MOST, REQUIRED, Buckets
from workloads.schema import REQUESTS

REPEATED = text("repeats a request_id that already came")
GATEWAY = text("answered by the user's own gateway cache: no provider was paid")
_TIMELESS = "TIMESTAMP '1970-01-01'"


class Verdict(NamedTuple):
    """A condition in SQL for rows that are left out, and the reason."""

    when: str
    why: Text


def type_rows(con: duckdb.DuckDBPyConnection, plan: Plan, clock: Reading, tokens: Buckets) -> tuple[Text, ...]:
    """Fill `typed` from `cells`. Returns the reasons for leaving rows out; `why` counts them from 0."""
    verdicts = tuple(_verdicts(plan, clock, tokens))
    cases = " ".join(f"WHEN {verdict.when} THEN {number}" for number, verdict in enumerate(verdicts))
    values = expressions(con, plan, clock, tokens)
    shaped = ", ".join(f"({values[name]})::{_kind(name)} AS {identifier(name)}" for name in REQUESTS)
    con.execute(
        f"""
        CREATE TEMP TABLE typed AS
        WITH timed AS (SELECT *, {_at(plan)} AS "at", {_ok(plan)} AS ok FROM cells),
        judged AS (SELECT *, CASE {cases} END AS why FROM timed)
        SELECT why, {shaped} FROM judged
        """
    )
    _mark_repeats(con, number=len(verdicts))
    return (*(verdict.why for verdict in verdicts), REPEATED)


def expressions(con: duckdb.DuckDBPyConnection, plan: Plan, clock: Reading, tokens: Buckets) -> Mapping[str, str]:
    """Column of REQUESTS to the SQL that gives it; for a rejected row only `row` counts."""
    kept = "CASE WHEN why IS NULL THEN {} ELSE 0 END"
    return {
        "row": "row",
        "at": f'coalesce("at", {_TIMELESS})',
        "request_id": _if(plan, "request_id", "short(word(request_id))"),
        "model": _if(plan, "model", "short(word(model))"),
        "provider": _if(plan, "provider", "short(word(provider))"),
        "fresh_input": kept.format(f"coalesce({tokens.fresh}, 0)"),
        "cache_read": kept.format("coalesce(cached_tokens_n, 0)"),
        "cache_write": kept.format("coalesce(cache_write_tokens_n, 0)"),
        "output": kept.format("coalesce(output_tokens_n, 0) + coalesce(reasoning_tokens_n, 0)"),
        "latency_ms": milliseconds(con, plan, "latency", "end_time"),
        "first_token_ms": milliseconds(con, plan, "first_token", "first_token_time"),
        "ok": "ok",
        "error": "CASE WHEN NOT ok THEN short(coalesce(value(error), value(status))) END",
        "streamed": _if(plan, "streamed", "flag(streamed)"),
        "temperature": _if(plan, "temperature", "number(temperature)"),
        "has_tools": _if(plan, "tools", "CASE WHEN word(tools) IS NOT NULL THEN offered(tools) END"),
        "feature": f"short(coalesce({_if(plan, 'feature', 'tag(feature)')}, word(team)))",
        "end_user": _if(plan, "user", 'short(word("user"))'),
        "session": _if(plan, "session", "short(word(session))"),
        "prompt_hash": "coalesce(short(word(prompt_hash)), prompt)",  # which was hashed when it was read
        "blocks": _if(plan, "blocks", "chain(blocks)"),
        "logged_cost": _if(plan, "cost_usd", "money(cost_usd)"),
    }


def _if(plan: Plan, field: str, expression: str) -> str:
    # Planning an expression costs milliseconds, also over a column that is NULL throughout.
    return expression if field in plan.columns else "NULL"


def _kind(name: str) -> str:
    return REQUESTS[name].removesuffix(" NOT NULL")


def _at(plan: Plan) -> str:
    return 'moment("time")' if "time" in plan.columns else _TIMELESS


def _ok(plan: Plan) -> str:
    signs = {
        "failed": "WHEN flag(failed) THEN false",
        "status": "WHEN succeeded(status) IS NOT NULL THEN succeeded(status)",
        "error": "WHEN value(error) IS NOT NULL THEN false",
    }
    read = [sign for field, sign in signs.items() if field in plan.columns]
    if not read:
        return "NULL::BOOLEAN"
    # Where only failures are written down, silence means success.
    return f"CASE {' '.join(read)} ELSE {'NULL' if 'status' in plan.columns else 'true'} END"


def _verdicts(plan: Plan, clock: Reading, tokens: Buckets) -> Iterator[Verdict]:
    blank = " AND ".join(f"{identifier(field)} IS NULL" for field in plan.columns)
    yield Verdict(blank, text("nothing in it can be read"))
    if "time" in plan.columns:
        yield Verdict('value("time") IS NULL', text("time is empty"))
        yield Verdict('"at" IS NULL', text("time cannot be read"))
    if "time" in plan.columns and not clock.relative:
        yield Verdict('year("at") NOT BETWEEN 2000 AND 2099', text("time is before 2000 or after 2099"))
    for field in COUNTS:
        if field in plan.columns:
            yield from _count_verdicts(field, plan.columns[field])
    yield Verdict(tokens.contradiction, text("more cached tokens than input tokens"))
    if "gateway_cache_hit" in plan.columns:
        yield Verdict("flag(gateway_cache_hit)", GATEWAY)


def _count_verdicts(field: str, column: str) -> Iterator[Verdict]:
    name = field if field == column else text('{field} (column "{column}")', field=field, column=column[:60])
    if field in REQUIRED:  # a failed request often counts nothing; a served one always does
        empty = f"value({field}) IS NULL AND ok IS DISTINCT FROM false"
        yield Verdict(empty, text("{field} is empty", field=name))
    unread = f"value({field}) IS NOT NULL AND {field}_n IS NULL"
    yield Verdict(unread, text("{field} is not a number", field=name))
    yield Verdict(f"{field}_n < 0", text("{field} is negative", field=name))
    yield Verdict(f"{field}_n > {MOST}", text("{field} is above {most:,}", field=name, most=MOST))
    yield Verdict(f"{field}_n <> trunc({field}_n)", text("{field} is not a whole number", field=name))


def _mark_repeats(con: duckdb.DuckDBPyConnection, *, number: int) -> None:
    con.execute(
        """
        CREATE TEMP TABLE repeated AS SELECT request_id, min(row) AS first FROM typed
        WHERE why IS NULL AND request_id IS NOT NULL GROUP BY request_id HAVING count(*) > 1
        """
    )
    con.execute(
        f"""
        UPDATE typed SET why = {number} FROM repeated
        WHERE typed.request_id = repeated.request_id AND typed.row > repeated.first AND typed.why IS NULL
        """
    )
