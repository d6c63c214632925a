"""Turn text cells into requests: each row gets either the types of REQUEST_COLUMNS or a reason for its rejection.

This creates the temp view `typed` on the connection: the columns of REQUEST_COLUMNS and `why`, the number of the
reason, NULL for an accepted row. Its table `typed_rows` has those of them that are not the same in every row."""

from collections.abc import Mapping, Sequence

import duckdb

from workloads.ingest.database import quote_literal
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading import kept_columns
from workloads.ingest.reading.macros import install_macros, select_macros
from workloads.ingest.reading.moments import TimeFormat, build_moments_sql
from workloads.ingest.reading.numbers import NumberFormat, build_duration_sql
from workloads.ingest.reading.rejection_rules import RejectionRule, list_rejection_rules
from workloads.ingest.reading.row_kinds import mark_rows
from workloads.ingest.reading.sums import has_summed_rows
from workloads.ingest.reading.table import quote_identifier
from workloads.ingest.reading.tokens import TokenSplit
from workloads.ingest.schema import REQUEST_COLUMNS

_CONSTANTS = frozenset({"NULL", "0", "1", "false"})
"""SQL of values that are the same in every row."""

_ENDINGS = ("end_time", "first_token_time")
_TIMELESS_SQL = "TIMESTAMP '1970-01-01'"
_HOUR_WRITES = "least(coalesce(cache_write_1h_tokens_n, 0), cache_write)"
_AUDIO_READ = "least(coalesce(audio_cached_tokens_n, 0), cache_read)"
_AUDIO_INPUT = f"least(greatest(coalesce(audio_input_tokens_n, 0) - {_AUDIO_READ}, 0), fresh_input)"
_AUDIO_OUTPUT = "least(coalesce(audio_output_tokens_n, 0), output)"
"""Audio tokens of the prompt are counted with the cached ones among them."""


def type_rows(
    con: duckdb.DuckDBPyConnection,
    mapping: ColumnMapping,
    numbers: NumberFormat,
    clock: TimeFormat,
    tokens: TokenSplit,
    *,
    candidates: Sequence[str] = (),
) -> tuple[RejectionRule, ...]:
    """Fill `typed` from `cells`. Returns the rules for leaving rows out; `why` is an index into them."""
    rules = tuple(list_rejection_rules(con, mapping, numbers, clock, tokens))
    cases = " ".join(f"WHEN {rule.when} THEN {number}" for number, rule in enumerate(rules))
    values = build_expressions(con, mapping)
    varied = {
        **values,
        **_list_relations(mapping),
        **({"excludes_cached": "excludes_cached"} if tokens.is_guess else {}),
    }
    shaped = ", ".join(
        f"({sql})::{_get_column_type(name)} AS {quote_identifier(name)}"
        for name, sql in varied.items()
        if sql not in _CONSTANTS
    )
    rows = f"""
        WITH timed AS ({_build_timed_sql(mapping, clock, tokens)}),
        judged AS (SELECT *, CASE {cases} END AS why FROM timed)
        SELECT why, {shaped}{kept_columns.build_list_sql(candidates)}
        FROM judged"""
    install_macros(con, select_macros(rows))
    con.execute(f"CREATE TEMP TABLE typed_rows AS {rows}")
    create_typed_view(con, {name: sql for name, sql in varied.items() if sql in _CONSTANTS})
    return (*rules, *(RejectionRule("", why) for why in mark_rows(con, mapping, candidates, first=len(rules))))


def create_typed_view(con: duckdb.DuckDBPyConnection, constants: Mapping[str, str]) -> None:
    """Create `typed`: the table `typed_rows` with columns whose value is the same in every row, as SQL.

    A column takes as much memory while a log is read if nothing is in it.
    """
    added = "".join(
        f", ({sql})::{_get_column_type(name)} AS {quote_identifier(name)}" for name, sql in constants.items()
    )
    con.execute(f"CREATE OR REPLACE TEMP VIEW typed AS SELECT *{added} FROM typed_rows")


def _list_relations(mapping: ColumnMapping) -> dict[str, str]:
    """Return SQL for what relates a row to others; needed only to tell which rows are requests."""
    texts = ("span_id", "parent_id", "trace_id", "kind", "span_name")
    columns = {name: _build_if_mapped_sql(mapping, name, f"word({name})") for name in texts}
    return {**columns, "running_total": _build_if_mapped_sql(mapping, "running_total", "running_total_n")}


_ERROR = r"""concat_ws(' ', CASE WHEN regexp_full_match(trim(status), '[45]\d\d')
    AND NOT contains(value(error), trim(status)) THEN trim(status) END, coalesce(value(error), value(status)))"""
"""The status beside the error, because the status decides whether a failed call is billed."""


def build_expressions(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> Mapping[str, str]:
    """Return SQL for each column of REQUEST_COLUMNS. Only `row` matters for a rejected row."""
    is_sum = has_summed_rows(mapping)
    accepted = "CASE WHEN why IS NULL THEN {} ELSE 0 END"

    def count_part(field: str, part: str) -> str:
        return accepted.format(part) if field in mapping.columns else "0"

    return {
        "row": "row",
        "at": f'coalesce("at", {_TIMELESS_SQL})',
        "requests": _build_if_mapped_sql(mapping, "requests", "requests_n") if is_sum else "1",
        "is_sum": "requests_n IS DISTINCT FROM 1" if is_sum else "false",
        "request_id": _build_if_mapped_sql(mapping, "request_id", "short(word(request_id))"),
        "model": _build_if_mapped_sql(mapping, "model", "short(word(single(model)))"),
        "provider": _build_if_mapped_sql(mapping, "provider", "short(word(provider))"),
        "fresh_input": accepted.format("fresh_input"),
        "cache_read": accepted.format("cache_read"),
        "cache_write": accepted.format("cache_write"),
        "output": accepted.format("output"),
        "cache_write_1h": count_part("cache_write_1h_tokens", _HOUR_WRITES),
        "audio_input": count_part("audio_input_tokens", _AUDIO_INPUT),
        "image_input": count_part(
            "image_input_tokens", f"least(coalesce(image_input_tokens_n, 0), fresh_input - {_AUDIO_INPUT})"
        ),
        "audio_read": count_part("audio_cached_tokens", _AUDIO_READ),
        "audio_output": count_part("audio_output_tokens", _AUDIO_OUTPUT),
        "image_output": count_part(
            "image_output_tokens", f"least(coalesce(image_output_tokens_n, 0), output - {_AUDIO_OUTPUT})"
        ),
        "reasoning": count_part("reasoning_tokens", "coalesce(reasoning_tokens_n, 0)"),
        "searches": count_part("searches", "coalesce(searches_n, 0)"),
        "service_tier": _build_tier_sql(mapping),
        "geography": _build_if_mapped_sql(mapping, "geography", "lower(short(word(geography)))"),
        "latency_ms": build_duration_sql(con, mapping, "latency", "end_time"),
        "first_token_ms": build_duration_sql(con, mapping, "first_token", "first_token_time"),
        "ok": "ok",
        "error": _build_error_sql(mapping),
        "streamed": _build_if_mapped_sql(mapping, "streamed", "flag(streamed)"),
        "temperature": _build_if_mapped_sql(mapping, "temperature", "number(temperature)"),
        "has_tools": _build_if_mapped_sql(
            mapping, "tools", "CASE WHEN word(tools) IS NOT NULL THEN offered(tools) END"
        ),
        "feature": _build_if_mapped_sql(mapping, "feature", "short(tag(feature))"),
        "team": _build_if_mapped_sql(mapping, "team", "short(word(team))"),
        "api_key": _build_if_mapped_sql(mapping, "api_key", "short(word(api_key))"),
        "customer": _build_if_mapped_sql(mapping, "customer", "short(word(customer))"),
        "environment": _build_if_mapped_sql(mapping, "environment", "short(word(environment))"),
        "end_user": _build_if_mapped_sql(mapping, "user", 'short(word("user"))'),
        "session": _build_if_mapped_sql(mapping, "session", "short(word(session))"),
        "prompt_hash": _build_prompt_hash_sql(mapping),
        "blocks": _build_if_mapped_sql(mapping, "blocks", "chain(blocks)"),
        "logged_cost": _build_if_mapped_sql(mapping, "cost_usd", f"money(cost_usd) / {mapping.format.cost_divisor}"),
        "logged_tokens": _build_if_mapped_sql(
            mapping, "total_tokens", "CASE WHEN total_tokens_n BETWEEN 0 AND 1e15 THEN total_tokens_n END"
        ),
    }


def _build_if_mapped_sql(mapping: ColumnMapping, field: str, expression: str) -> str:
    # Planning an expression costs milliseconds, even for a column that is NULL throughout.
    return expression if field in mapping.columns else "NULL"


def _build_error_sql(mapping: ColumnMapping) -> str:
    is_told = not {"error", "status"}.isdisjoint(mapping.columns)
    return f"CASE WHEN NOT ok THEN short({_ERROR}) END" if is_told else "NULL"


def _build_prompt_hash_sql(mapping: ColumnMapping) -> str:
    is_told = not {"prompt_hash", "prompt"}.isdisjoint(mapping.columns)
    return (
        "coalesce(short(word(prompt_hash)), prompt)" if is_told else "NULL"
    )  # prompts were hashed when they were read


def _build_tier_sql(mapping: ColumnMapping) -> str:
    """Return SQL for the service tier in the price list's words, NULL for the standard one."""
    if mapping.format.service_tier:
        return quote_literal(mapping.format.service_tier)
    ways = {
        "batch": "WHEN flag(batch) OR starts_with(lower(trim(batch)), 'batch') THEN 'batch'",
        "model": "WHEN regexp_matches(lower(trim(model)), '[-:_/ ][(]?batch[)]?$') THEN 'batch'",
        "service_tier": "ELSE service_tier(service_tier)",
    }
    read = [way for field, way in ways.items() if field in mapping.columns]
    return f"CASE WHEN false THEN NULL {' '.join(read)} END" if read else "NULL"


def _get_column_type(name: str) -> str:
    others = {"running_total": "BIGINT", "excludes_cached": "BOOLEAN"}
    kind = REQUEST_COLUMNS.get(name) or others.get(name, "VARCHAR")
    return kind.removesuffix(" NOT NULL")


def list_endings(mapping: ColumnMapping) -> tuple[str, ...]:
    """Return the fields with moments in a request's life, apart from its start."""
    return tuple(name for name in _ENDINGS if name in mapping.columns)


def _build_timed_sql(mapping: ColumnMapping, clock: TimeFormat, tokens: TokenSplit) -> str:
    """Return SQL for the rows with their moments and success."""
    start = {"at": "time"} if "time" in mapping.columns else {}
    moments = {**start, **{f"{name}_at": name for name in list_endings(mapping)}}
    timeless = "" if start else f', {_TIMELESS_SQL} AS "at"'
    relation = build_moments_sql(clock, moments, tokens.relation)
    return f"SELECT *{timeless}, {_build_success_sql(mapping)} AS ok FROM ({relation})"


def _build_success_sql(mapping: ColumnMapping) -> str:
    signs = {
        "failed": "CASE WHEN flag(failed) THEN false END",
        "status": "succeeded(status)",
        "error": "CASE WHEN value(error) IS NOT NULL THEN false END",
    }
    read = [sign for field, sign in signs.items() if field in mapping.columns]
    if not read:
        return "NULL::BOOLEAN"
    # If only failures are logged, an empty cell means success.
    return f"coalesce({', '.join(read)}, {'NULL' if 'status' in mapping.columns else 'true'})"
