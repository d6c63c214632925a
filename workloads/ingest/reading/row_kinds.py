"""Mark the rows of `typed` that are no request of their own: parents, earlier rows, repeated events, totals.

A log may have a request more than once: a span around the call that repeats its tokens, the chunks of a stream under
one ID, an event that was sent again, a line with the total. Such rows are left out with the reason; none is damage."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import duckdb

from core.i18n.text import Text, text
from workloads.ingest.database import fetch_int
from workloads.ingest.mapping import ColumnMapping

HEADING_LINE = text("a line of headings")
NO_REQUEST = text("no request: it has no usage")
PARENT = text("repeats the usage of the steps inside it")
EARLIER_ROW = text("an earlier or equal row of the same request")
REPEATED_EVENT = text("repeats an event: its running total did not grow")
TOTAL_LINE = text("the total of the other rows")
GATEWAY_CACHE_HIT = text("answered by your own gateway's cache, so no provider charged for it")

SET_ASIDE = frozenset({HEADING_LINE, NO_REQUEST, PARENT, EARLIER_ROW, REPEATED_EVENT, TOTAL_LINE, GATEWAY_CACHE_HIT})
"""The reasons of rows that are no requests. They are counted, but don't make a file unreadable."""

OUTER_KINDS = r"(invoke_agent|create_agent|agent|chain|workflow|ai\.(generate|stream)(text|object))( .*)?"
INNER_KINDS = (
    r"(chat|text_completion|generate_content|completion|embeddings?|llm|generation|responses)( .*)?"
    r"|ai\.(generate|stream)(text|object)\.do(generate|stream)( .*)?"
)
"""Kinds of spans, and names of the Vercel AI SDK's: those around calls of a model, and the calls themselves."""

_USAGE = "(fresh_input + cache_read + cache_write + output)"
_INPUT = "(fresh_input + cache_read + cache_write)"
_KIND = "coalesce(kind, span_name, '')"
MAX_ANCESTORS = 20

_DIMENSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "model": "model",
        "provider": "provider",
        "feature": "feature",
        "team": "team",
        "api_key": "api_key",
        "customer": "customer",
        "environment": "environment",
        "user": "end_user",
    }
)
"""Columns of `typed` in which a row may name all of them, by the fields that they are read from."""

_TOTAL_NAMES: Final = (
    r"\W*((grand |sub-?)?totals?( [\w ]{1,20})?|(all|overall|every)( (the )?\w{1,20})?|sum|combined"
    r"|summe|gesamt(summe)?|insgesamt|(alle|tous|toutes|todos|todas|tutti)( \w{1,20})?|totale?)\W*"
)
"""Names that stand for all others: "Total", "All models", "(all)", "Gesamt"."""

_MOST_ROWS: Final = 200_000
"""Tables with totals are summaries; longer files are logs, whose names are not searched for totals."""


class RowRule(NamedTuple):
    """SQL that selects the `row`s to set aside, and the reason."""

    select: str
    why: Text


def mark_rows(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, *, first: int) -> tuple[Text, ...]:
    """Set `why` of the rows that are no request of their own; `first` is the number of the first reason returned."""
    reasons: list[Text] = []
    for rule in _iter_rules(con, mapping):
        con.execute(f"CREATE OR REPLACE TEMP TABLE aside AS {rule.select}")
        if fetch_int(con, "SELECT count(*) FROM aside"):
            reasons.extend(() if rule.why in reasons else (rule.why,))
            con.execute(
                f"UPDATE typed_rows SET why = {first + reasons.index(rule.why)} FROM aside "
                "WHERE typed_rows.row = aside.row AND why IS NULL"
            )
    return tuple(reasons)


def _iter_rules(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> Iterator[RowRule]:
    if {"span_id", "parent_id"} <= set(mapping.columns):
        yield RowRule(_build_parents_sql(), PARENT)
    if not {"kind", "span_name"}.isdisjoint(mapping.columns):
        yield RowRule(_build_outer_kinds_sql(mapping), PARENT)
    if "running_total" in mapping.columns:
        yield RowRule(_build_repeated_events_sql(), REPEATED_EVENT)
    if "request_id" in mapping.columns:
        yield RowRule(_build_earlier_rows_sql(), EARLIER_ROW)
    for select in _iter_total_rules(con, mapping):
        yield RowRule(select, TOTAL_LINE)


def _build_parents_sql() -> str:
    """Return SQL for the rows with usage that have usage in a row below them."""
    return f"""
        WITH RECURSIVE used AS (SELECT row, span_id, parent_id FROM typed WHERE why IS NULL AND {_USAGE} > 0),
        spans AS (SELECT DISTINCT span_id, parent_id FROM typed WHERE span_id IS NOT NULL),
        above AS (
            SELECT DISTINCT parent_id AS id, 1 AS steps FROM used WHERE parent_id IS NOT NULL
            UNION
            SELECT spans.parent_id, above.steps + 1 FROM above JOIN spans ON spans.span_id = above.id
            WHERE spans.parent_id IS NOT NULL AND above.steps < {MAX_ANCESTORS}
        )
        SELECT used.row FROM used WHERE used.span_id IN (SELECT id FROM above)"""


def _build_outer_kinds_sql(mapping: ColumnMapping) -> str:
    """Return SQL for spans around calls, where the calls are in the file: in the same trace if there are traces."""
    inner = f"regexp_full_match(lower({_KIND}), '{INNER_KINDS}')"
    where = (
        f"trace_id IN (SELECT trace_id FROM typed WHERE why IS NULL AND {inner} AND {_USAGE} > 0)"
        if "trace_id" in mapping.columns
        else f"(SELECT bool_or({inner} AND {_USAGE} > 0) FROM typed WHERE why IS NULL)"
    )
    outer = f"regexp_full_match(lower({_KIND}), '{OUTER_KINDS}')"
    return f"SELECT row FROM typed WHERE why IS NULL AND {outer} AND NOT {inner} AND {_USAGE} > 0 AND {where}"


def _build_repeated_events_sql() -> str:
    return """SELECT row FROM (
        SELECT row, running_total = lag(running_total) OVER (PARTITION BY session ORDER BY "at", row) AS repeated
        FROM typed WHERE why IS NULL AND running_total IS NOT NULL) WHERE repeated"""


def _build_earlier_rows_sql() -> str:
    """Return SQL for all rows of a request but the one with most output; attempts at different models were all paid."""
    return f"""
        WITH repeated AS (
            SELECT request_id FROM typed WHERE why IS NULL AND request_id IS NOT NULL
            GROUP BY request_id HAVING count(*) > 1)
        SELECT row FROM (
            SELECT row, row_number() OVER (
                PARTITION BY request_id, model ORDER BY output DESC, {_USAGE} DESC, row) AS place
            FROM typed SEMI JOIN repeated USING (request_id) WHERE why IS NULL)
        WHERE place > 1"""


def _iter_total_rules(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> Iterator[str]:
    """Yield SQL for the rows that are totals: of the whole file, then of each dimension's names."""
    yield _build_whole_sql()
    if fetch_int(con, "SELECT count(*) FROM typed WHERE why IS NULL") <= _MOST_ROWS:
        yield from (_build_named_sql(column) for field, column in _DIMENSIONS.items() if field in mapping.columns)


def _build_whole_sql() -> str:
    """Return SQL for a row that equals the sum of all others: the first or last of at least three, or without a model.

    Other rows may equal that sum by chance.
    """
    return f"""
        WITH sums AS (
            SELECT count(*) AS n, sum({_INPUT}) AS all_input, sum(output) AS all_output,
                min(row) AS first, max(row) AS last, count(model) AS named
            FROM typed WHERE why IS NULL)
        SELECT min(row) AS row FROM typed, sums WHERE why IS NULL AND n > 2 AND {_USAGE} > 0
            AND (row IN (first, last) OR (model IS NULL AND named = n - 1))
            AND 2 * {_INPUT} = all_input AND 2 * output = all_output
        HAVING count(*) = 1"""


def _build_named_sql(column: str) -> str:
    """Return SQL for rows whose name stands for all others, if they sum up to what the others do: in the file, or at
    each moment that has any."""
    return f"""
        WITH named AS (
            SELECT row, "at", {_INPUT} AS input, output,
                regexp_full_match(lower("{column}"), '{_TOTAL_NAMES}') AS is_all
            FROM typed WHERE why IS NULL AND "{column}" IS NOT NULL),
        moments AS (
            SELECT "at", count(*) FILTER (is_all) AS totals,
                coalesce(sum(input) FILTER (is_all), 0) AS total_input,
                coalesce(sum(output) FILTER (is_all), 0) AS total_output,
                coalesce(sum(input) FILTER (NOT is_all), 0) AS input,
                coalesce(sum(output) FILTER (NOT is_all), 0) AS output
            FROM named GROUP BY "at"),
        agreement AS (
            SELECT sum(total_input) = sum(input) AND sum(total_output) = sum(output)
                OR bool_and(total_input = input AND total_output = output) FILTER (totals > 0) AS agrees,
                sum(input + output) > 0 AS has_parts
            FROM moments)
        SELECT row FROM named, agreement WHERE is_all AND agrees AND has_parts"""
