"""Find rows that are the total of others: of the whole file, of each moment, or of all names of a dimension."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import duckdb

from workloads.ingest.mapping import ColumnMapping

_USAGE: Final = "(fresh_input + cache_read + cache_write + output)"
_INPUT: Final = "(fresh_input + cache_read + cache_write)"

_NAMES: Final = ("model", "provider", "feature", "team", "api_key", "customer", "environment")
_DIMENSIONS: Final[Mapping[str, str]] = MappingProxyType({**{name: name for name in _NAMES}, "user": "end_user"})
"""Columns of `typed` in which a row may name all of them, by the fields that they are read from."""

_TOTAL_NAMES: Final = (
    r"\W*((grand |sub-?)?totals?( [\w ]{1,20})?|(all|overall|every)( (the )?\w{1,20})?|sum|combined"
    r"|summe|gesamt(summe)?|insgesamt|(alle|tous|toutes|todos|todas|tutti)( \w{1,20})?|totale?)\W*"
)
"""Names that stand for all others: "Total", "All models", "(all)", "Gesamt"."""

_MOST_ROWS: Final = 200_000
"""Tables with totals are summaries; longer files are logs, whose names are not searched for totals."""


class RowSums(NamedTuple):
    """Of the accepted rows: their number, that of rows with usage, sums, first and last, and how many name a model."""

    rows: int
    used: int
    all_input: int
    all_output: int
    first: int
    last: int
    named: int


def iter_total_rules(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> Iterator[str]:
    """Yield SQL for the rows that are totals: of the whole file, then of each dimension's names."""
    has_requests = "requests" in mapping.columns
    facts = f"count(*), count(*) FILTER ({_USAGE} > 0), coalesce(sum({_INPUT}), 0), coalesce(sum(output), 0)"
    found = con.execute(f"SELECT {facts}, min(row), max(row), count(model) FROM typed WHERE why IS NULL")
    sums = RowSums(*found.fetchall()[0])
    if sums.used > 2 and (sums.all_input or sums.all_output) and not (sums.all_input % 2 or sums.all_output % 2):
        yield _build_whole_sql(sums, mapping.columns)
    if 0 < sums.rows <= _MOST_ROWS:
        columns = [column for field, column in _DIMENSIONS.items() if field in mapping.columns]
        yield from map(_build_named_sql, _select_with_total_names(con, columns))
        for column in _select_with_gaps(con, columns):
            others = [each for each in ("model", "provider") if each != column]
            yield _build_rollup_sql(column, others=others, has_requests=has_requests)


def _select_with_total_names(con: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns in which a row's name stands for all others."""
    if not columns:
        return ()
    found = ", ".join(f"bool_or({_build_total_name_sql(column)})" for column in columns)
    row = con.execute(f"SELECT {found} FROM typed_rows WHERE why IS NULL").fetchall()[0]
    return tuple(column for column, is_found in zip(columns, row, strict=True) if is_found)


def _select_with_gaps(con: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that some rows name and others don't, the model last: it may have totals of the others."""
    if not columns:
        return ()
    found = ", ".join(f'count("{column}") BETWEEN 2 AND count(*) - 1' for column in columns)
    row = con.execute(f"SELECT {found} FROM typed_rows WHERE why IS NULL").fetchall()[0]
    gaps = [column for column, is_found in zip(columns, row, strict=True) if is_found]
    return tuple(sorted(gaps, key=lambda column: column in ("model", "provider")))


def _build_rollup_sql(column: str, *, others: Sequence[str], has_requests: bool) -> str:
    """Return SQL for rows without a name that are the totals of those with one, as of a query with ROLLUP: each moment
    and model has one at most, it equals the sum of the others there, and some of them are several."""
    keys = ", ".join(['"at"', *others])
    of_total, of_parts = (f'sum(requests) FILTER ("{column}" IS {sign} NULL)' for sign in ("", "NOT"))
    requests = f"coalesce({of_total} = {of_parts}, true)" if has_requests else "true"
    return f"""
        WITH groups AS (
            SELECT {keys}, count(*) FILTER ("{column}" IS NULL) AS totals, count("{column}") AS parts,
                min(row) FILTER ("{column}" IS NULL) AS row,
                sum({_INPUT}) FILTER ("{column}" IS NULL) = sum({_INPUT}) FILTER ("{column}" IS NOT NULL)
                AND sum(output) FILTER ("{column}" IS NULL) = sum(output) FILTER ("{column}" IS NOT NULL)
                AND {requests} AS agrees
            FROM typed WHERE why IS NULL AND {_USAGE} > 0 GROUP BY {keys}),
        totals AS (SELECT * FROM groups WHERE totals > 0 AND parts > 0)
        SELECT row FROM totals WHERE (SELECT bool_and(totals = 1 AND agrees) AND max(parts) > 1 FROM totals)"""


def _build_total_name_sql(column: str) -> str:
    return f"regexp_full_match(lower(\"{column}\"), '{_TOTAL_NAMES}')"


def _build_whole_sql(sums: RowSums, columns: Collection[str]) -> str:
    """Return SQL for a row that equals the sum of all others: the first or last of at least three, or without a model.

    Other rows may equal that sum by chance. So may a row with a time and a model that other rows have, too.
    """
    unnamed = " OR model IS NULL" if sums.named == sums.rows - 1 else ""
    named = "SELECT model FROM typed WHERE why IS NULL AND model IS NOT NULL GROUP BY model HAVING count(*) > 1"
    several = "(SELECT count(DISTINCT model) FROM typed WHERE why IS NULL) > 1"
    is_part = "true" if "time" in columns else several
    agrees = "coalesce(2 * requests = (SELECT sum(requests) FROM typed WHERE why IS NULL), true)"
    has_requests = agrees if "requests" in columns else "true"
    return f"""
        SELECT min(row) AS row FROM typed WHERE why IS NULL AND (row IN ({sums.first}, {sums.last}){unnamed})
            AND 2 * {_INPUT} = {sums.all_input} AND 2 * output = {sums.all_output}
            AND (model IS NULL OR model NOT IN ({named}) OR NOT {is_part}) AND {has_requests}
        HAVING count(*) = 1"""


def _build_named_sql(column: str) -> str:
    """Return SQL for rows whose name stands for all others, if they sum up to what the others do: in the file, or at
    each moment that has any."""
    return f"""
        WITH named AS (
            SELECT row, "at", {_INPUT} AS input, output,
                {_build_total_name_sql(column)} AS is_all
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
