"""The cells of the fields that are read, as text, in a temp table; nothing is judged yet.

Leaves the view `cells` on the connection: `row` (1-based place in the file) and one VARCHAR column for every field
of `workloads.mapping.FIELDS`, NULL throughout where the file has none; and for every field of COUNTS its number, as
`input_tokens_n`.
"""

import duckdb

from netra.language.text import text
from workloads.mapping import COUNTS, FIELDS, Plan
from workloads.reading.table import Table, identifier
from workloads.schema import Rejection

RAGGED = text("the row has more or fewer cells than the header, or broken quotes")


def stage(con: duckdb.DuckDBPyConnection, table: Table, plan: Plan) -> tuple[Rejection, ...]:
    """Read the file. Returns the rows that are no rows of the table at all."""
    # A look at its first rows may have left some, and a reading that was given up.
    con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    con.execute(f"CREATE OR REPLACE TEMP TABLE stage AS {table.query(plan.columns)}")
    broken = _broken(con, table)
    cells = f"SELECT {_place(broken)} AS row, {_fields(plan)} FROM stage {_shift(broken)}"
    con.execute(f"CREATE OR REPLACE TEMP VIEW cells AS {cells}")
    if not broken:
        return ()
    return (Rejection(why=RAGGED, rows=len(broken), examples=tuple(broken[:5])),)


def _fields(plan: Plan) -> str:
    present = (identifier(field) for field in FIELDS if field in plan.columns)
    absent = (f"NULL::VARCHAR AS {identifier(field)}" for field in FIELDS if field not in plan.columns)
    numbers = (f"{f'number({field})' if field in plan.columns else 'NULL::DOUBLE'} AS {field}_n" for field in COUNTS)
    return ", ".join([*present, *absent, *numbers])


def _broken(con: duckdb.DuckDBPyConnection, table: Table) -> list[int]:
    if not table.source.startswith("read_csv"):
        return []
    return [line for (line,) in con.execute("SELECT DISTINCT line - 1 FROM reject_errors ORDER BY 1").fetchall()]


def _place(broken: list[int]) -> str:
    return "stage.rowid + 1 + coalesce(shifts.distance, 0)" if broken else "stage.rowid + 1"


def _shift(broken: list[int]) -> str:
    """Rows behind a broken one stand further down in the file than in the table."""
    if not broken:
        return ""
    starts = {place - before: before + 1 for before, place in enumerate(broken)}
    values = ", ".join(f"({start}, {distance})" for start, distance in starts.items())
    return f"ASOF LEFT JOIN (VALUES {values}) AS shifts (start, distance) ON stage.rowid + 1 >= shifts.start"
