"""Names of groups in an outline are read for the rows below them."""

from datetime import datetime
from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import ingest_log, utc

pytestmark = pytest.mark.slow

FIGURES = {
    "a": "120,1200000,130000",
    "b": "400,4000000,500000",
    "ab": "520,5200000,630000",
    "all": "640,6400000,760000",
}
ONE_COLUMN = """{head},Requests,Input tokens,Output tokens
{one},{ab}
  gpt-4o,{a}
  my-deployment,{b}
{other},{a}
  gpt-4o,{a}
Total,{all}
"""
TWO_COLUMNS = """Team,Model,Requests,Input tokens,Output tokens
{one},,{ab}
,gpt-4o,{a}
,my-deployment,{b}
{other},,{a}
,gpt-4o,{a}
Total,,{all}
"""
PIVOT = """Team,Model,Requests,Input tokens,Output tokens
{one},gpt-4o,{a}
,my-deployment,{b}
{one} Total,,{ab}
{other},gpt-4o,{a}
{other} Total,,{a}
Grand Total,,{all}
"""
WITHOUT_COUNTS = ONE_COLUMN.replace("{one},{ab}", "{one},,,").replace("{other},{a}", "{other},,,")


@pytest.mark.parametrize(
    ("layout", "head", "column"),
    [
        (ONE_COLUMN, "Team / Model", "team"),
        (ONE_COLUMN, "Customer", "customer"),
        (ONE_COLUMN, "Row Labels", "team"),
        (WITHOUT_COUNTS, "Feature / Model", "feature"),
        (TWO_COLUMNS, "", "team"),
        (PIVOT, "", "team"),
    ],
    ids=["team", "customer", "row-labels", "without-counts", "two-columns", "pivot"],
)
def test_a_name_holds_for_the_rows_of_its_group(layout: str, head: str, column: str, tmp_path: Path) -> None:
    log = ingest_log(tmp_path, layout.format(head=head, one="Search", other="Support", **FIGURES))
    assert log.column(column) == ["Search", "Search", "Support"]
    assert [model.strip() for model in log.column("model")] == ["gpt-4o", "my-deployment", "gpt-4o"]
    assert log.source.requests == 640
    assert "of the rows below them" in log.notes or "for the rows below it" in log.notes


@pytest.mark.parametrize(
    ("one", "other", "moments"),
    [
        ("2026-03-01", "2026-03-02", [utc(2026, 3, 1)] * 2 + [utc(2026, 3, 2)]),
        ("Q1 2026", "Q2 2026", [utc(2026, 1, 1)] * 2 + [utc(2026, 4, 1)]),
    ],
)
def test_days_above_models_are_the_times_of_their_rows(
    one: str, other: str, moments: list[datetime], tmp_path: Path
) -> None:
    log = ingest_log(tmp_path, ONE_COLUMN.format(head="Row Labels", one=one, other=other, **FIGURES))
    assert log.column("at") == moments


@pytest.mark.parametrize(
    "rows",
    [
        "Search,gpt-4o,5,100,10\nSupport,gpt-4o-mini,5,100,10\n,gpt-4o,5,300,20\n,gpt-4o-mini,5,400,20\n",
        "Search,gpt-4o,5,100,10\n,gpt-4o-mini,5,100,10\nSearch,gpt-4o-mini,5,300,20\n,gpt-4o,5,400,20\n",
        ",gpt-4o,5,100,10\nSearch,gpt-4o-mini,5,100,10\n,gpt-4o-mini,5,300,20\nData,gpt-4o,5,1,1\n,o3,5,1,1\n",
    ],
    ids=["unowned-last", "a-name-twice", "unowned-first"],
)
def test_a_request_that_nobody_owns_stays_so(rows: str, tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"Team,Model,Requests,Input tokens,Output tokens\n{rows}")
    assert None in log.column("team")


def test_a_failed_request_of_a_log_is_no_heading(tmp_path: Path) -> None:
    pairs = [("a-deployment,,,500", "gpt-4o,5,6,200"), ("b-deployment,,,500", "gpt-4o,7,8,200")]
    cells = [cell for pair in pairs for cell in pair]
    rows = "".join(f"2026-03-01T10:00:0{n}Z,{cell}\n" for n, cell in enumerate(cells))
    log = ingest_log(tmp_path, f"time,model,input_tokens,output_tokens,status\n{rows}")
    assert set(log.column("team")) == {None}


def test_requests_without_an_owner_stay_so_in_a_log_of_requests(tmp_path: Path) -> None:
    rows = "".join(f"2026-03-01T10:00:0{n}Z,{'ab'[n // 2] if n % 2 == 0 else ''},gpt-4o,5,6,200\n" for n in range(4))
    log = ingest_log(tmp_path, f"time,team,model,input_tokens,output_tokens,latency_ms\n{rows}")
    assert log.column("team") == ["a", None, "b", None]
