"""The rows that are not read: SQL conditions over the rows with split tokens, times and success, and the reasons."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import duckdb

from core.i18n.text import Text, text
from workloads.ingest.column_names import normalize_name
from workloads.ingest.database import quote_literal
from workloads.ingest.fields import COUNT_FIELDS
from workloads.ingest.formats.usual_names import EVENT_NAMES
from workloads.ingest.mapping import EMBEDDING_MODEL, ColumnMapping
from workloads.ingest.reading.moments import TimeFormat
from workloads.ingest.reading.numbers import NumberFormat
from workloads.ingest.reading.row_kinds import GATEWAY_CACHE_HIT, HEADING_LINE, NO_REQUEST
from workloads.ingest.reading.sums import has_large_sums, has_summed_rows
from workloads.ingest.reading.table import quote_identifier
from workloads.ingest.reading.tokens import TokenSplit

MAX_TOKENS: Final = 100_000_000  # in one request; more means a damaged or shifted column
MAX_SUMMED_TOKENS: Final = 10**15  # in a row that sums up requests
_HEADING_LINES: Final = 3
_EVENT_NAMES: Final = frozenset(map(normalize_name, EVENT_NAMES))
_INPUT_COUNTS: Final = ("input_tokens", "fresh_input_tokens")
_MAIN_COUNTS: Final = (*_INPUT_COUNTS, "output_tokens")


class RejectionRule(NamedTuple):
    """An SQL condition for rows to leave out, the reason, and the field whose cell shows it."""

    when: str
    why: Text
    field: str = ""


def list_rejection_rules(
    con: duckdb.DuckDBPyConnection,
    mapping: ColumnMapping,
    numbers: NumberFormat,
    clock: TimeFormat,
    tokens: TokenSplit,
) -> Iterator[RejectionRule]:
    """Yield the rules in the order in which they apply; the first that fits a row is its reason."""
    yield from (rule for rule in _iter_rules(con, mapping, numbers, clock, tokens) if rule.when != "false")


def _iter_rules(
    con: duckdb.DuckDBPyConnection,
    mapping: ColumnMapping,
    numbers: NumberFormat,
    clock: TimeFormat,
    tokens: TokenSplit,
) -> Iterator[RejectionRule]:
    blank = " AND ".join(f"{quote_identifier(field)} IS NULL" for field in mapping.columns)
    yield RejectionRule(blank, text("no readable value"))
    yield RejectionRule(_build_heading_sql(mapping, numbers), HEADING_LINE)
    if "gateway_cache_hit" in mapping.columns:
        yield RejectionRule(mapping.format.answered_by_gateway_when, GATEWAY_CACHE_HIT)
    if mapping.format.no_request_when:
        yield RejectionRule(mapping.format.no_request_when, NO_REQUEST)
    yield RejectionRule(_build_no_request_sql(con, mapping, numbers), NO_REQUEST)
    if "time" in mapping.columns:
        yield RejectionRule(_build_both_sql('"at" IS NULL', 'value("time") IS NULL'), text("time is empty"))
        yield RejectionRule('"at" IS NULL', text("time is not readable"), "time")
    if "time" in mapping.columns and not clock.is_relative:
        yield RejectionRule('year("at") NOT BETWEEN 2000 AND 2099', text("time is before 2000 or after 2099"), "time")
    if (derived := mapping.derived_field) is not None:
        yield RejectionRule(f"{derived}_n < 0", text("fewer tokens in total than in one of its parts"), "total_tokens")
        yield RejectionRule(f"{derived}_n IS NULL AND ok IS DISTINCT FROM false", text("total or part is empty"))
    elif "output_tokens" not in mapping.columns:
        is_embedding = f"regexp_matches(lower(model), '{EMBEDDING_MODEL.pattern}')"
        yield RejectionRule(
            f"({is_embedding}) IS NOT TRUE", text("no output tokens, and no model for embeddings"), "model"
        )
    most = MAX_SUMMED_TOKENS if has_summed_rows(mapping) or has_large_sums(con, mapping, numbers) else MAX_TOKENS
    for field in COUNT_FIELDS:
        if field in mapping.columns:
            yield from _list_count_rules(mapping, numbers, field, most)
    yield RejectionRule(tokens.contradiction, text("more cached tokens than input tokens"))


def _build_heading_sql(mapping: ColumnMapping, numbers: NumberFormat) -> str:
    """Return SQL for a second line of headings or units: near the top, or with a column's own name, and no number."""
    counts = [field for field in COUNT_FIELDS if field in mapping.columns]
    main = [field for field in counts if field in _MAIN_COUNTS]
    if not numbers.plain.isdisjoint(main):  # it has no words
        return "false"
    words = " AND ".join(f"value({field}) IS NOT NULL AND {field}_n IS NULL" for field in main)
    named = " OR ".join(f"{field} = {quote_literal(mapping.columns[field])}" for field in counts)
    return f"({words}) AND (row <= {_HEADING_LINES} OR {named})" if words else "false"


def _build_no_request_sql(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, numbers: NumberFormat) -> str:
    """Return SQL for a row without usage that is of a kind that never has any, or names no model where others do."""
    counts = [field for field in COUNT_FIELDS if field in mapping.columns and field not in ("requests", "searches")]
    unused = " AND ".join(f"{numbers.build_value_sql(field)} IS NULL" for field in counts)
    if "kind" in mapping.columns:
        unused = _build_unused_sql(counts, numbers)
        con.execute(
            "CREATE OR REPLACE TEMP TABLE used_kinds AS "
            f"SELECT DISTINCT coalesce(trim(kind), '') AS kind FROM cells WHERE NOT ({unused})"
        )
        # An event without usage may be that of a failed request.
        failed = " AND ok IS DISTINCT FROM false" if normalize_name(mapping.columns["kind"]) in _EVENT_NAMES else ""
        return f"{unused}{failed} AND coalesce(trim(kind), '') NOT IN (SELECT kind FROM used_kinds)"
    if "requests" in mapping.columns:  # such as the heading of a group
        return f"{unused} AND value(requests) IS NULL"
    if "model" in mapping.columns:
        return _build_both_sql(unused, "value(model) IS NULL")
    return "false"


def _build_unused_sql(counts: Sequence[str], numbers: NumberFormat) -> str:
    """Return SQL for a row whose counts are all empty, or 0 where its input is empty: a span beside the calls."""
    values = {field: numbers.build_value_sql(field) for field in counts}
    empty = [f"{value} IS NULL" for field, value in values.items() if field in _INPUT_COUNTS]
    zero = " AND ".join(f"coalesce({value}, '0') = '0'" for value in values.values())
    unused = " AND ".join(f"{value} IS NULL" for value in values.values())
    return f"(({unused}) OR (({' AND '.join(empty)}) AND {zero}))" if empty else f"({unused})"


def _build_both_sql(first: str, second: str) -> str:
    """Return SQL for both conditions. Unlike AND, it computes the second only where the first holds."""
    return f"CASE WHEN {first} THEN {second} ELSE false END"


def _list_count_rules(mapping: ColumnMapping, numbers: NumberFormat, field: str, most: int) -> Iterator[RejectionRule]:
    column = mapping.columns[field]
    name = field if field == column else text('{field} (column "{column}")', field=field, column=column[:60])
    value = numbers.build_value_sql(field)
    if field in _INPUT_COUNTS:  # a failed request often has no count; a served one always does
        outputs = [each for each in ("output_tokens",) if each in mapping.columns]
        answered = " OR ".join(f"{numbers.build_value_sql(each)} IS NOT NULL" for each in outputs) or "true"
        empty = f"{value} IS NULL AND ok IS DISTINCT FROM false AND ({answered})"
        yield RejectionRule(empty, text("{field} is empty", field=name))
    if field in numbers.plain:  # its cells break none of the rules below
        return
    yield RejectionRule(
        f"{value} IS NOT NULL AND {field}_n IS NULL", text("{field} is not a number", field=name), field
    )
    yield RejectionRule(f"{field}_n < 0", text("{field} is negative", field=name), field)
    yield RejectionRule(f"{field}_n > {most}", text("{field} is above {most:,}", field=name, most=most), field)
    yield RejectionRule(f"{field}_n <> trunc({field}_n)", text("{field} is not a whole number", field=name), field)
