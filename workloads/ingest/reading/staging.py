"""Stage the cells of the mapped fields, as text, in a temp table.

Leaves the view `cells` on the connection: `row` (1-based place in the file) and one VARCHAR column for every field
of `workloads.ingest.mapping.FIELDS`, NULL throughout where the file has none; and for every field of COUNT_FIELDS
its number, as `input_tokens_n`."""

from types import MappingProxyType

import duckdb

from core.i18n.text import text
from workloads.ingest.mapping import COUNT_FIELDS, FIELDS, ColumnMapping
from workloads.ingest.reading.table import Table, quote_identifier
from workloads.ingest.schema import Rejection

MAX_CELL_BYTES = 1_000
MAX_CELL_BYTES_BY_FIELD = MappingProxyType({"feature": 10_000, "blocks": 1 << 20})
"""Bytes of a cell that are read, by field: tags and prefix blocks are lists."""

RAGGED_ROW = text("the row has more or fewer cells than the header, or broken quotes")


def stage_cells(con: duckdb.DuckDBPyConnection, table: Table, plan: ColumnMapping) -> tuple[Rejection, ...]:
    """Read the file. Returns the rows that are no rows of the table at all."""
    # A look at its first rows may have left some, and a reading that was given up.
    con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    cells = ", ".join(f"{_build_cell_sql(field)} AS {quote_identifier(field)}" for field in plan.columns)
    con.execute(f"CREATE OR REPLACE TEMP TABLE stage AS SELECT {cells} FROM ({table.build_query(plan.columns)})")
    broken = _count_broken(con, table)
    cells = f"SELECT {_build_row_number_sql(broken)} AS row, {_build_field_list(plan)} FROM stage {_build_shift_join(broken)}"
    con.execute(f"CREATE OR REPLACE TEMP VIEW cells AS {cells}")
    if not broken:
        return ()
    examples = con.execute("SELECT place FROM broken ORDER BY place LIMIT 5").fetchall()
    return (Rejection(why=RAGGED_ROW, rows=broken, examples=tuple(place for (place,) in examples)),)


def _build_cell_sql(field: str) -> str:
    """SQL for a cell as it is kept: a prompt's hash alone, anything else only as far as it can mean something."""
    cell = quote_identifier(field)
    if field == "prompt":
        return f"md5({cell})"
    most = MAX_CELL_BYTES_BY_FIELD.get(field, MAX_CELL_BYTES)
    # Marked, so that what was cut is no number and no list by chance, and stays another than what begins alike.
    return f"CASE WHEN strlen({cell}) > {most} THEN left({cell}, {most // 4}) || '… ' || md5({cell}) ELSE {cell} END"


def _build_field_list(plan: ColumnMapping) -> str:
    present = (quote_identifier(field) for field in FIELDS if field in plan.columns)
    absent = (f"NULL::VARCHAR AS {quote_identifier(field)}" for field in FIELDS if field not in plan.columns)
    numbers = (
        f"{f'number({field})' if field in plan.columns else 'NULL::DOUBLE'} AS {field}_n" for field in COUNT_FIELDS
    )
    return ", ".join([*present, *absent, *numbers])


def _count_broken(con: duckdb.DuckDBPyConnection, table: Table) -> int:
    """How many rows are none; their places in the file are in the TEMP table `broken`, as a file may have very many."""
    if not table.source.startswith("read_csv"):
        return 0
    con.execute("CREATE OR REPLACE TEMP TABLE broken AS SELECT DISTINCT line - 1 AS place FROM reject_errors")
    found = con.execute("SELECT count(*) FROM broken").fetchone()
    return int(found[0]) if found else 0


def _build_row_number_sql(broken: int) -> str:
    return "stage.rowid + 1 + coalesce(shifts.distance, 0)" if broken else "stage.rowid + 1"


def _build_shift_join(broken: int) -> str:
    """Rows behind a broken one stand further down in the file than in the table."""
    if not broken:
        return ""
    shifts = """SELECT place - before AS start, max(before) + 1 AS distance
        FROM (SELECT place, row_number() OVER (ORDER BY place) - 1 AS before FROM broken) GROUP BY ALL"""
    return f"ASOF LEFT JOIN ({shifts}) AS shifts ON stage.rowid + 1 >= shifts.start"


def count_rows(con: duckdb.DuckDBPyConnection) -> int:
    """How many rows were read, the broken ones apart."""
    found = con.execute("SELECT count(*) FROM stage").fetchone()
    return int(found[0]) if found else 0
