"""Stage the cells of the mapped fields, and of columns that may be kept, as text, in a temp table.

Creates the view `cells` on the connection: `row` (1-based place in the file), and a VARCHAR column for each of
`workloads.ingest.fields.FIELDS` that the file has, or that SQL names although it may be missing: it is NULL throughout
then. tokens.py adds the counts as numbers."""

from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Final

import duckdb

from core.i18n.text import text
from workloads.ingest.database import fetch_int, quote_literal
from workloads.ingest.fields import COUNT_FIELDS, FIELDS
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading import kept_columns
from workloads.ingest.reading.table import FileTable, quote_identifier
from workloads.ingest.reading.totals.outline_groups import carry_values
from workloads.ingest.schema import Rejection
from workloads.ingest.time_columns import read_zone

MAX_CELL_BYTES = 1_000
MAX_CELL_BYTES_BY_FIELD = MappingProxyType({"feature": 10_000, "blocks": 1 << 20})
"""Longer limits for fields that hold lists: tags and prefix blocks."""

ORIGINS = MappingProxyType(
    {
        "input_column": ("input_tokens",),
        "cached_column": ("cached_tokens", "cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"),
    }
)
"""Columns of `cells` that name the file's columns which a row's counts come from: how it counts depends on them."""

_NAMED_FIELDS: Final = frozenset({"model", "provider", "kind", "error", "status", "prompt", "prompt_hash"})
"""Fields that the SQL of this package names even if the file has none. Each column takes time to plan."""

_ZONED_OR_TWELVE: Final = r"\d:\d\d(:\d\d([.,]\d+)?)?\s*([zZ]|[+-]\d\d(:?\d\d)?|[A-Za-z/_.]+)\s*$"
"""A time with a zone of its own, or with a.m. or p.m., behind which none can stand."""

RAGGED_ROW = text("more or fewer cells than the header, or unbalanced quotes")


def stage_cells(
    con: duckdb.DuckDBPyConnection, table: FileTable, mapping: ColumnMapping, candidates: Sequence[str]
) -> tuple[Rejection, ...]:
    """Read the file. Returns the lines that could not be read as rows."""
    # The preview or an earlier attempt may have created them.
    con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    cells = [f"{_build_cell_sql(mapping, field)} AS {quote_identifier(field)}" for field in mapping.columns]
    read = ", ".join([*cells, *_list_origins(mapping)]) + kept_columns.build_cells_sql(candidates)
    query = table.build_query({**_list_wanted(mapping), **kept_columns.get_sources(candidates)})
    con.execute(f"CREATE OR REPLACE TEMP TABLE stage AS SELECT {read} FROM ({query})")
    _carry_values(con, mapping)
    broken = _count_broken(con, table)
    rows = f"{_build_row_number_sql(broken)} AS row, {_build_field_list(mapping)}"
    rows += kept_columns.build_list_sql(candidates)
    con.execute(f"CREATE OR REPLACE TEMP VIEW cells AS SELECT {rows} FROM stage {_build_shift_join(broken)}")
    if not broken:
        return ()
    examples = con.execute("SELECT place FROM broken ORDER BY place LIMIT 5").fetchall()
    return (Rejection(why=RAGGED_ROW, rows=broken, examples=tuple(place for (place,) in examples)),)


def _list_wanted(mapping: ColumnMapping) -> dict[str, str]:
    """Return the columns to scan by new names: the field's, and those of its alternatives."""
    return {
        _name_alternative(field, place): column
        for field in mapping.columns
        for place, column in enumerate(mapping.list_columns(field))
    }


def _name_alternative(field: str, place: int) -> str:
    return f"{field}, {place}" if place else field


def _list_cells(mapping: ColumnMapping, field: str) -> list[str]:
    return [quote_identifier(_name_alternative(field, place)) for place, _ in enumerate(mapping.list_columns(field))]


def _build_value_sql(mapping: ColumnMapping, field: str) -> str:
    """Return SQL for the first cell with a value; for counts, a zero gives way to a number in a later column."""
    cells = _list_cells(mapping, field)
    if field == "time":
        return _build_time_sql(mapping, cells)
    if len(cells) == 1:
        return cells[0]
    values = [f"value({cell})" for cell in cells]
    counts = [f"nullif({value}, '0')" for value in values] if field in COUNT_FIELDS else []
    return f"coalesce({', '.join([*counts, *values])})"


def _build_time_sql(mapping: ColumnMapping, cells: Sequence[str]) -> str:
    """Return SQL for the time's cell: the first with a value, with the time of day from a column of its own, and with
    the zone that the column's name states behind a time without one."""
    cell = cells[0] if len(cells) == 1 else f"coalesce({', '.join(f'value({each})' for each in cells)})"
    if "time_of_day" in mapping.columns:
        clock = f"""regexp_replace(trim({quote_identifier("time_of_day")}), '^\\d{{1,2}}$', '\\0:00')"""
        day = f"regexp_replace(trim({cell}), '[T ]00:00(:00)?(\\.0+)?$', '')"
        cell = f"CASE WHEN value({cell}) IS NOT NULL THEN concat_ws(' ', {day}, nullif({clock}, '')) END"
    zone = read_zone(mapping.columns["time_of_day" if "time_of_day" in mapping.columns else "time"])
    if not zone:
        return cell
    return f"""CASE WHEN contains({cell}, ':') AND NOT regexp_matches({cell}, '{_ZONED_OR_TWELVE}')
        THEN {cell} || {quote_literal(zone)} ELSE {cell} END"""


def _list_origins(mapping: ColumnMapping) -> Iterator[str]:
    """Yield SQL for the columns that each row's input and cached tokens come from, where there is a choice."""
    for name, fields in ORIGINS.items():
        if any(field in mapping.alternatives for field in fields):
            yield f"{_build_origin_sql(mapping, fields)} AS {name}"


def _build_origin_sql(mapping: ColumnMapping, fields: Sequence[str]) -> str:
    pairs = [
        (cell, quote_literal(column))
        for field in fields
        for cell, column in zip(_list_cells(mapping, field), mapping.list_columns(field), strict=True)
    ]
    filled = " ".join(f"WHEN nullif(value({cell}), '0') IS NOT NULL THEN {column}" for cell, column in pairs)
    return f"CASE {filled} ELSE {pairs[0][1] if pairs else 'NULL'} END"


def _carry_values(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> None:
    """Let the values of carried fields hold for the rows after them."""
    carry_values(con, sorted(mapping.format.carried_fields & set(mapping.columns)))


def _build_cell_sql(mapping: ColumnMapping, field: str) -> str:
    """Return SQL for a cell as it is stored: only the hash of a prompt, only the beginning of a long cell."""
    cell = _build_value_sql(mapping, field)
    if field == "prompt":
        return f"md5({cell})"
    most = MAX_CELL_BYTES_BY_FIELD.get(field, MAX_CELL_BYTES)
    # With a hash, so that a cut cell is not a number or list by chance and differs from others with the same start.
    return f"CASE WHEN strlen({cell}) > {most} THEN left({cell}, {most // 4}) || '… ' || md5({cell}) ELSE {cell} END"


def _build_field_list(mapping: ColumnMapping) -> str:
    present = (quote_identifier(field) for field in FIELDS if field in mapping.columns)
    named = [field for field in FIELDS if field in _NAMED_FIELDS or field in mapping.format.conditions]
    absent = (f"NULL::VARCHAR AS {quote_identifier(field)}" for field in named if field not in mapping.columns)
    origins = (
        name
        if any(field in mapping.alternatives for field in fields)
        else f"{_build_constant_origin_sql(mapping, fields)} AS {name}"
        for name, fields in ORIGINS.items()
    )
    return ", ".join([*present, *absent, *origins])


def _build_constant_origin_sql(mapping: ColumnMapping, fields: Sequence[str]) -> str:
    columns = [mapping.columns[field] for field in fields if field in mapping.columns]
    return quote_literal(columns[0]) if columns else "NULL::VARCHAR"


def _count_broken(con: duckdb.DuckDBPyConnection, table: FileTable) -> int:
    """Store the positions of broken lines, which may be very many, in the TEMP table `broken`. Returns their number."""
    if not table.header_line:
        return 0
    places = f"SELECT DISTINCT line - {table.header_line} AS place FROM reject_errors"
    con.execute(f"CREATE OR REPLACE TEMP TABLE broken AS {places}")
    return fetch_int(con, "SELECT count(*) FROM broken")


def _build_row_number_sql(broken: int) -> str:
    return "stage.rowid + 1 + coalesce(shifts.distance, 0)" if broken else "stage.rowid + 1"


def _build_shift_join(broken: int) -> str:
    """Return the join that corrects row numbers: rows after a broken line are further down in the file than here."""
    if not broken:
        return ""
    shifts = """SELECT place - before AS start, max(before) + 1 AS distance
        FROM (SELECT place, row_number() OVER (ORDER BY place) - 1 AS before FROM broken) GROUP BY ALL"""
    return f"ASOF LEFT JOIN ({shifts}) AS shifts ON stage.rowid + 1 >= shifts.start"


def count_rows(con: duckdb.DuckDBPyConnection) -> int:
    """Return how many rows were read, not counting broken lines."""
    return fetch_int(con, "SELECT count(*) FROM stage")
