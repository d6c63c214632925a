"""Periods in place of days: quarters, halves, weeks and ranges."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import ingest_log, utc
from workloads.ingest.columns.periods import parse_period

PERIODS = {
    "Q1 2026": "2026-01-01",
    "q4/2025": "2025-10-01",
    "2026-Q2": "2026-04-01",
    "2026Q3": "2026-07-01",
    "1Q 2026": "2026-01-01",
    "Q3'26": "2026-07-01",
    "2. Quartal 2026": "2026-04-01",
    "T3 2026": "2026-07-01",
    "1er trimestre 2026": "2026-01-01",
    "H2 2026": "2026-07-01",
    "1. Halbjahr 2026": "2026-01-01",
    "KW 12 2026": "2026-03-16",
    "KW12/2026": "2026-03-16",
    "2026-W12": "2026-03-16",
    "Week 1, 2026": "2025-12-29",
    "2026-03-02 to 2026-03-08": "2026-03-02",
    "02.03.2026 - 08.03.2026": "02.03.2026",
}
OTHERS = ("Q5 2026", "2026-W54", "2025-W53", "Q1", "FY26 Q1", "gpt-4o 2026", "2026-03-02", "H3 2026", "", "S12 2026")


@pytest.mark.parametrize("cell", PERIODS)
def test_a_period_begins_with_its_first_day(cell: str) -> None:
    assert parse_period(cell) == PERIODS[cell]


@pytest.mark.parametrize("cell", OTHERS)
def test_other_cells_are_no_periods(cell: str) -> None:
    assert parse_period(cell) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "cells", "moments"),
    [
        ("Quarter", ("Q1 2026", "Q2 2026"), (utc(2026, 1, 1), utc(2026, 4, 1))),
        ("Woche", ("KW 12 2026", "KW 13 2026"), (utc(2026, 3, 16), utc(2026, 3, 23))),
        ("Date", ("2026-H1", "2026-H2"), (utc(2026, 1, 1), utc(2026, 7, 1))),
        ("Week", ("2026-03-02 to 2026-03-08", "2026-03-09 to 2026-03-15"), (utc(2026, 3, 2), utc(2026, 3, 9))),
    ],
)
def test_rows_of_periods_are_sums_at_their_first_days(
    head: str, cells: tuple[str, ...], moments: tuple[datetime, ...], tmp_path: Path
) -> None:
    rows = "".join(f"{cell},gpt-4o,1200,130\n" for cell in (*cells, "Total"))
    log = ingest_log(tmp_path, f"{head},Model,Input tokens,Output tokens\n{rows}")
    assert log.column("at") == list(moments)
    assert log.column("is_sum") == [True, True]
    assert log.source.requests is None
