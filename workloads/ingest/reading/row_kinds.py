"""Mark the rows of `typed` that are no request of their own: parents, earlier rows, repeated events, totals.

A log may have a request more than once: a span around the call that repeats its tokens, the chunks of a stream under
one ID, an event that was sent again, a line with the total. Such rows are left out with the reason; none is damage."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import duckdb

from core.i18n.text import Text, text
from workloads.ingest.database import fetch_int
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.kept_columns import list_longer_periods
from workloads.ingest.reading.totals.outline_totals import find_outline_totals
from workloads.ingest.reading.totals.total_rows import iter_total_rules

HEADING_LINE = text("a line of headings")
NO_REQUEST = text("no request: it has no usage")
PARENT = text("repeats the usage of the steps inside it")
EARLIER_ROW = text("an earlier or equal row of the same request")
REPEATED_EVENT = text("repeats an event: its running total did not grow")
TOTAL_LINE = text("the total of the other rows")
LONGER_PERIOD = text("the total of a longer period, beside those of the periods in it")
GATEWAY_CACHE_HIT = text("answered by your own gateway's cache, so no provider charged for it")

SET_ASIDE = frozenset(
    {HEADING_LINE, NO_REQUEST, PARENT, EARLIER_ROW, REPEATED_EVENT, TOTAL_LINE, LONGER_PERIOD, GATEWAY_CACHE_HIT}
)
"""The reasons of rows that are no requests. They are counted, but don't make a file unreadable."""

OUTER_KINDS = r"(invoke_agent|create_agent|agent|chain|workflow|ai\.(generate|stream)(text|object))( .*)?"
INNER_KINDS = (
    r"(chat|text_completion|generate_content|completion|embeddings?|llm|generation|responses)( .*)?"
    r"|ai\.(generate|stream)(text|object)\.do(generate|stream)( .*)?"
)
"""Kinds of spans, and names of the Vercel AI SDK's: those around calls of a model, and the calls themselves."""

_USAGE = "(fresh_input + cache_read + cache_write + output)"
_KIND = "coalesce(kind, span_name, '')"
_OUTER = f"regexp_full_match(lower({_KIND}), '{OUTER_KINDS}')"
MAX_ANCESTORS = 20


class RowRule(NamedTuple):
    """SQL that selects the `row`s to set aside, and the reason."""

    select: str
    why: Text


def mark_rows(
    con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, candidates: Sequence[str], *, first: int
) -> tuple[Text, ...]:
    """Set `why` of the rows that are no request of their own; `first` is the number of the first reason returned."""
    reasons: list[Text] = []
    for rule in _iter_rules(con, mapping, candidates):
        number = reasons.index(rule.why) if rule.why in reasons else len(reasons)
        marked = fetch_int(
            con,
            f"UPDATE typed_rows SET why = {first + number} FROM ({rule.select}) AS aside "
            "WHERE typed_rows.row = aside.row",
        )
        reasons.extend((rule.why,) if marked and number == len(reasons) else ())
    return tuple(reasons)


def _iter_rules(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, candidates: Sequence[str]) -> Iterator[RowRule]:
    if {"span_id", "parent_id"} <= set(mapping.columns):
        yield RowRule(_build_parents_sql(), PARENT)
    if not {"kind", "span_name"}.isdisjoint(mapping.columns) and _has_outer_kinds(con):
        yield RowRule(_build_outer_kinds_sql(mapping), PARENT)
    if "running_total" in mapping.columns:
        yield RowRule(_build_repeated_events_sql(), REPEATED_EVENT)
    if "request_id" in mapping.columns and _has_repeats(con):
        yield RowRule(_build_earlier_rows_sql(), EARLIER_ROW)
    for select in list_longer_periods(con, candidates):
        yield RowRule(select, LONGER_PERIOD)
    if totals := find_outline_totals(con, mapping):
        yield RowRule(f"SELECT unnest([{', '.join(map(str, totals))}]) AS row", TOTAL_LINE)
    for select in iter_total_rules(con, mapping):
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


def _has_outer_kinds(con: duckdb.DuckDBPyConnection) -> bool:
    return con.execute(f"SELECT 1 FROM typed WHERE {_OUTER} LIMIT 1").fetchone() is not None


def _build_outer_kinds_sql(mapping: ColumnMapping) -> str:
    """Return SQL for spans around calls, where the calls are in the file: in the same trace if there are traces."""
    inner = f"regexp_full_match(lower({_KIND}), '{INNER_KINDS}')"
    where = (
        f"trace_id IN (SELECT trace_id FROM typed WHERE why IS NULL AND {inner} AND {_USAGE} > 0)"
        if "trace_id" in mapping.columns
        else f"(SELECT bool_or({inner} AND {_USAGE} > 0) FROM typed WHERE why IS NULL)"
    )
    return f"SELECT row FROM typed WHERE why IS NULL AND {_OUTER} AND NOT {inner} AND {_USAGE} > 0 AND {where}"


def _build_repeated_events_sql() -> str:
    return """SELECT row FROM (
        SELECT row, running_total = lag(running_total) OVER (PARTITION BY session ORDER BY "at", row) AS repeated
        FROM typed WHERE why IS NULL AND running_total IS NOT NULL) WHERE repeated"""


def _has_repeats(con: duckdb.DuckDBPyConnection) -> bool:
    repeats = "count(request_id) - count(DISTINCT request_id)"
    return fetch_int(con, f"SELECT {repeats} FROM typed_rows WHERE why IS NULL") > 0


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
