"""Durations in milliseconds, from whichever of the ways of writing them a log has."""

import duckdb

from workloads.mapping import Plan

SECONDS_BELOW = 50  # a median model call takes neither 50 s nor 50 ms


def milliseconds(con: duckdb.DuckDBPyConnection, plan: Plan, field: str, ending: str) -> str:
    """SQL over `cells` and its `at`: `field`_ms, `field`_s, `field` (unit by its median) or the time to `ending`."""
    ways = {f"{field}_ms": f"span({field}_ms)", f"{field}_s": f"span({field}_s) * 1000"}
    ways[field] = f"span({field}) * {1000 if field in plan.columns and in_seconds(con, field) else 1}"
    ways[ending] = (
        f"""CASE WHEN moment({ending}) >= "at" THEN date_diff('microsecond', "at", moment({ending})) / 1000 END"""
    )
    return f"coalesce({', '.join(['NULL', *(way for name, way in ways.items() if name in plan.columns)])})"


def in_seconds(con: duckdb.DuckDBPyConnection, field: str) -> bool:
    """Whether the column of unknown unit counts seconds."""
    row = con.execute(f"SELECT median(number({field})) FROM cells").fetchone()
    return row is not None and row[0] is not None and row[0] < SECONDS_BELOW
