"""Tables with a column for each month or day become tables with a row for each."""

from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import ingest_log, utc

pytestmark = pytest.mark.slow

MONTHS = """Model,Metric,Jan 2026,Feb 2026,Total
gpt-4o,Input tokens,1000,2000,3000
gpt-4o,Output tokens,100,200,300
o3,Input tokens,500,,500
o3,Output tokens,50,,50
"""


def test_a_row_is_made_for_each_month_and_model(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, MONTHS)
    columns = ("at", "model", "fresh_input", "output", "is_sum")
    assert list(zip(*(log.column(name) for name in columns), strict=True)) == [
        (utc(2026, 1, 1), "gpt-4o", 1000, 100, True),
        (utc(2026, 1, 1), "o3", 500, 50, True),
        (utc(2026, 2, 1), "gpt-4o", 2000, 200, True),
    ]
    assert 'a column for each period ("Jan 2026", "Feb 2026"), so 6 rows were made of its 4' in log.notes


def test_costs_and_requests_may_be_rows_of_their_own(tmp_path: Path) -> None:
    rows = "o3,Cost (USD),1.50,2.25\no3,Requests,7,9\no3,Input tokens,500,600\no3,Output tokens,50,60\n"
    log = ingest_log(tmp_path, f"Model,Metric,jan/2026,fev/2026\n{rows}")
    assert [str(cost) for cost in log.column("logged_cost")] == ["1.500000000", "2.250000000"]
    assert (log.column("requests"), log.column("output")) == ([7, 9], [50, 60])
    assert log.column("at") == [utc(2026, 1, 1), utc(2026, 2, 1)]


def test_without_kinds_of_tokens_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no columns for"):
        ingest_log(tmp_path, "Model,2026-03-01,2026-03-02\ngpt-4o,1000,2000\n")
