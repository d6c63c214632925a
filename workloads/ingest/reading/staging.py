"""Stage the cells of the mapped fields, and of columns that may be kept, as text, in a temp table.

Creates the view `cells` on the connection: `row` (1-based place in the file), a VARCHAR column for every field of
`workloads.ingest.fields.FIELDS`, NULL throughout where the file has none, and a number for every field of
COUNT_FIELDS, such as `input_tokens_n`."""

from collections.abc import Sequence
from types import MappingProxyType

import duckdb

from core.i18n.text import text
from workloads.ingest.database import fetch_int
from workloads.ingest.fields import COUNT_FIELDS, FIELDS
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading import kept_columns
from workloads.ingest.reading.table import Table, quote_identifier
from workloads.ingest.schema import Rejection

MAX_CELL_BYTES = 1_000
MAX_CELL_BYTES_BY_FIELD = MappingProxyType({"feature": 10_000, "blocks": 1 << 20})
"""Longer limits for fields that hold lists: tags and prefix blocks."""

RAGGED_ROW = text("more or fewer cells than the header, or unbalanced quotes")


def stage_cells(
    con: duckdb.DuckDBPyConnection, table: Table, mapping: ColumnMapping, candidates: Sequence[str]
) -> tuple[Rejection, ...]:
    """Read the file. Returns the lines that could not be read as rows."""
    # The preview or an earlier attempt may have created them.
    con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    cells = ", ".join(f"{_build_cell_sql(field)} AS {quote_identifier(field)}" for field in mapping.columns)
    cells += kept_columns.build_cells_sql(candidates)
    query = table.build_query({**mapping.columns, **kept_columns.get_sources(candidates)})
    con.execute(f"CREATE OR REPLACE TEMP TABLE stage AS SELECT {cells} FROM ({query})")
    broken = _count_broken(con, table)
    rows = f"{_build_row_number_sql(broken)} AS row, {_build_field_list(mapping)}"
    rows += kept_columns.build_list_sql(candidates)
    con.execute(f"CREATE OR REPLACE TEMP VIEW cells AS SELECT {rows} FROM stage {_build_shift_join(broken)}")
    if not broken:
        return ()
    examples = con.execute("SELECT place FROM broken ORDER BY place LIMIT 5").fetchall()
    return (Rejection(why=RAGGED_ROW, rows=broken, examples=tuple(place for (place,) in examples)),)


def _build_cell_sql(field: str) -> str:
    """Return SQL for a cell as it is stored: only the hash of a prompt, only the beginning of a long cell."""
    cell = quote_identifier(field)
    if field == "prompt":
        return f"md5({cell})"
    most = MAX_CELL_BYTES_BY_FIELD.get(field, MAX_CELL_BYTES)
    # With a hash, so that a cut cell is not a number or list by chance and differs from others with the same start.
    return f"CASE WHEN strlen({cell}) > {most} THEN left({cell}, {most // 4}) || '… ' || md5({cell}) ELSE {cell} END"


def _build_field_list(mapping: ColumnMapping) -> str:
    present = (quote_identifier(field) for field in FIELDS if field in mapping.columns)
    absent = (f"NULL::VARCHAR AS {quote_identifier(field)}" for field in FIELDS if field not in mapping.columns)
    numbers = (
        f"{f'number({field})' if field in mapping.columns else 'NULL::DOUBLE'} AS {field}_n" for field in COUNT_FIELDS
    )
    return ", ".join([*present, *absent, *numbers])


def _count_broken(con: duckdb.DuckDBPyConnection, table: Table) -> int:
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
