"""Turn text cells into requests: each row gets either the types of REQUEST_COLUMNS or a reason for its rejection.

This creates the temp table `typed` on the connection: the columns of REQUEST_COLUMNS and `why`, the number of the
reason, NULL for an accepted row."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import duckdb

from core.i18n.text import Text, text
from workloads.ingest.mapping import COUNT_FIELDS, ColumnMapping
from workloads.ingest.reading.table import quote_identifier
from workloads.ingest.reading.times import TimeFormat, build_duration_sql
from workloads.ingest.reading.tokens import MAX_TOKENS, REQUIRED_COUNTS, TokenSplit
from workloads.ingest.schema import REQUEST_COLUMNS

REPEATED_ID = text("duplicate request_id")
GATEWAY_CACHE_HIT = text("answered by your own gateway's cache, so no provider charged for it")
_TIMELESS_SQL = "TIMESTAMP '1970-01-01'"


class RejectionRule(NamedTuple):
    """An SQL condition for rows to leave out, and the reason."""

    when: str
    why: Text


def type_rows(
    con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, clock: TimeFormat, tokens: TokenSplit
) -> tuple[Text, ...]:
    """Fill `typed` from `cells`. Returns the reasons for leaving rows out; `why` is an index into them."""
    rules = tuple(_list_rejection_rules(mapping, clock, tokens))
    cases = " ".join(f"WHEN {rule.when} THEN {number}" for number, rule in enumerate(rules))
    values = build_expressions(con, mapping, clock, tokens)
    shaped = ", ".join(
        f"({values[name]})::{_get_column_type(name)} AS {quote_identifier(name)}" for name in REQUEST_COLUMNS
    )
    con.execute(
        f"""
        CREATE TEMP TABLE typed AS
        WITH timed AS (SELECT *, {_build_time_sql(mapping)} AS "at", {_build_success_sql(mapping)} AS ok FROM cells),
        judged AS (SELECT *, CASE {cases} END AS why FROM timed)
        SELECT why, {shaped} FROM judged
        """
    )
    _mark_repeats(con, number=len(rules))
    return (*(rule.why for rule in rules), REPEATED_ID)


def build_expressions(
    con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, clock: TimeFormat, tokens: TokenSplit
) -> Mapping[str, str]:
    """Return SQL for each column of REQUEST_COLUMNS. Only `row` matters for a rejected row."""
    accepted = "CASE WHEN why IS NULL THEN {} ELSE 0 END"
    return {
        "row": "row",
        "at": f'coalesce("at", {_TIMELESS_SQL})',
        "request_id": _build_if_mapped_sql(mapping, "request_id", "short(word(request_id))"),
        "model": _build_if_mapped_sql(mapping, "model", "short(word(model))"),
        "provider": _build_if_mapped_sql(mapping, "provider", "short(word(provider))"),
        "fresh_input": accepted.format(f"coalesce({tokens.fresh}, 0)"),
        "cache_read": accepted.format("coalesce(cached_tokens_n, 0)"),
        "cache_write": accepted.format("coalesce(cache_write_tokens_n, 0)"),
        "output": accepted.format("coalesce(output_tokens_n, 0) + coalesce(reasoning_tokens_n, 0)"),
        "latency_ms": build_duration_sql(con, mapping, "latency", "end_time"),
        "first_token_ms": build_duration_sql(con, mapping, "first_token", "first_token_time"),
        "ok": "ok",
        "error": "CASE WHEN NOT ok THEN short(coalesce(value(error), value(status))) END",
        "streamed": _build_if_mapped_sql(mapping, "streamed", "flag(streamed)"),
        "temperature": _build_if_mapped_sql(mapping, "temperature", "number(temperature)"),
        "has_tools": _build_if_mapped_sql(
            mapping, "tools", "CASE WHEN word(tools) IS NOT NULL THEN offered(tools) END"
        ),
        "feature": f"short(coalesce({_build_if_mapped_sql(mapping, 'feature', 'tag(feature)')}, word(team)))",
        "end_user": _build_if_mapped_sql(mapping, "user", 'short(word("user"))'),
        "session": _build_if_mapped_sql(mapping, "session", "short(word(session))"),
        "prompt_hash": "coalesce(short(word(prompt_hash)), prompt)",  # the prompt was hashed when it was read
        "blocks": _build_if_mapped_sql(mapping, "blocks", "chain(blocks)"),
        "logged_cost": _build_if_mapped_sql(mapping, "cost_usd", "money(cost_usd)"),
    }


def _build_if_mapped_sql(mapping: ColumnMapping, field: str, expression: str) -> str:
    # Planning an expression costs milliseconds, even for a column that is NULL throughout.
    return expression if field in mapping.columns else "NULL"


def _get_column_type(name: str) -> str:
    return REQUEST_COLUMNS[name].removesuffix(" NOT NULL")


def _build_time_sql(mapping: ColumnMapping) -> str:
    return 'moment("time")' if "time" in mapping.columns else _TIMELESS_SQL


def _build_success_sql(mapping: ColumnMapping) -> str:
    signs = {
        "failed": "WHEN flag(failed) THEN false",
        "status": "WHEN succeeded(status) IS NOT NULL THEN succeeded(status)",
        "error": "WHEN value(error) IS NOT NULL THEN false",
    }
    read = [sign for field, sign in signs.items() if field in mapping.columns]
    if not read:
        return "NULL::BOOLEAN"
    # If only failures are logged, an empty cell means success.
    return f"CASE {' '.join(read)} ELSE {'NULL' if 'status' in mapping.columns else 'true'} END"


def _list_rejection_rules(mapping: ColumnMapping, clock: TimeFormat, tokens: TokenSplit) -> Iterator[RejectionRule]:
    blank = " AND ".join(f"{quote_identifier(field)} IS NULL" for field in mapping.columns)
    yield RejectionRule(blank, text("no readable value"))
    if "time" in mapping.columns:
        yield RejectionRule('value("time") IS NULL', text("time is empty"))
        yield RejectionRule('"at" IS NULL', text("time is not readable"))
    if "time" in mapping.columns and not clock.is_relative:
        yield RejectionRule('year("at") NOT BETWEEN 2000 AND 2099', text("time is before 2000 or after 2099"))
    for field in COUNT_FIELDS:
        if field in mapping.columns:
            yield from _list_count_rules(field, mapping.columns[field])
    yield RejectionRule(tokens.contradiction, text("more cached tokens than input tokens"))
    if "gateway_cache_hit" in mapping.columns:
        yield RejectionRule("flag(gateway_cache_hit)", GATEWAY_CACHE_HIT)


def _list_count_rules(field: str, column: str) -> Iterator[RejectionRule]:
    name = field if field == column else text('{field} (column "{column}")', field=field, column=column[:60])
    if field in REQUIRED_COUNTS:  # a failed request often has no count; a served one always does
        empty = f"value({field}) IS NULL AND ok IS DISTINCT FROM false"
        yield RejectionRule(empty, text("{field} is empty", field=name))
    unread = f"value({field}) IS NOT NULL AND {field}_n IS NULL"
    yield RejectionRule(unread, text("{field} is not a number", field=name))
    yield RejectionRule(f"{field}_n < 0", text("{field} is negative", field=name))
    yield RejectionRule(f"{field}_n > {MAX_TOKENS}", text("{field} is above {most:,}", field=name, most=MAX_TOKENS))
    yield RejectionRule(f"{field}_n <> trunc({field}_n)", text("{field} is not a whole number", field=name))


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
