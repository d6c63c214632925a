"""Rows that sum up requests are recognised by a column, by the format, or by their contents."""

from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import ingest_log

pytestmark = pytest.mark.slow

HEADER = "time,model,input_tokens,output_tokens"
DAYS = [f"2026-05-{day:02},gpt-4o,{day * 10_000},{day}" for day in range(1, 8)]
SINGLE = [f"2026-05-01T10:{n:02}:07Z,gpt-4o,{n + 1},1" for n in range(7)]


@pytest.mark.parametrize("name", ["num_model_requests", "Requests", "api_calls", "request_count"])
def test_a_column_that_counts_requests_weighs_the_rows(tmp_path: Path, name: str) -> None:
    log = ingest_log(tmp_path, f"{HEADER},{name}\n" + "\n".join(f"{row},{n}" for n, row in enumerate(SINGLE, start=1)))
    assert log.column("requests") == [1, 2, 3, 4, 5, 6, 7]
    assert log.column("is_sum") == [False, True, True, True, True, True, True]
    assert log.source.requests == 28
    assert "6 rows sum up several requests each: 27 in total." in log.notes


def test_a_count_that_is_missing_makes_the_number_unknown(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER},requests\n{SINGLE[0]},3\n{SINGLE[1]},\n")
    assert log.column("requests") == [3, None]
    assert log.source.requests is None


@pytest.mark.parametrize("name", ["successful_requests", "count", "Total Calls"])
def test_a_column_that_counts_some_of_them_makes_the_number_unknown(tmp_path: Path, name: str) -> None:
    log = ingest_log(tmp_path, f"{HEADER},{name}\n" + "\n".join(f"{row},5" for row in SINGLE))
    assert set(log.column("is_sum")) == {True}


def test_rows_of_full_days_are_sums_of_an_unknown_number(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER}\n" + "\n".join(DAYS))
    assert set(log.column("is_sum")) == {True}
    assert log.column("requests") == [None] * 7
    assert "7 rows sum up several requests each; their number is unknown." in log.notes
    assert "is_sum" in log.source.columns


def test_more_tokens_than_a_request_can_have_are_a_sum(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER}\n" + "\n".join([*SINGLE, "2026-05-01T10:09:07Z,gpt-4o,30000000,1"]))
    assert set(log.column("is_sum")) == {True}


def test_requests_at_odd_moments_are_requests(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER}\n" + "\n".join(SINGLE))
    assert (set(log.column("is_sum")), set(log.column("requests"))) == ({False}, {1})
    assert not {"is_sum", "requests"} & log.source.columns


def test_a_user_may_say_that_rows_are_single_requests(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER},calls\n" + "\n".join(f"{row},5" for row in DAYS), mapping={"requests": ""})
    assert (set(log.column("is_sum")), set(log.column("requests"))) == ({False}, {1})


def test_sums_may_have_more_tokens_than_any_request(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER},requests\n2026-05-01,gpt-4o,9000000000,1,40000\n")
    assert log.column("fresh_input") == [9_000_000_000]


@pytest.mark.parametrize(
    "rows",
    [
        ["2026-05-01,gpt-4o,90000,1"] * 5,
        [f"2026-05-01T{hour:02}:00:00Z,gpt-4o,1000,10" for hour in range(9)],
        [f"2026-05-{n + 1:02}T{n:02}:15:00Z,gpt-4o,90000,10" for n in range(9)],
    ],
    ids=["several a day", "a timer's small requests", "irregular moments"],
)
def test_requests_at_full_hours_or_days_are_requests(tmp_path: Path, rows: list[str]) -> None:
    assert set(ingest_log(tmp_path, f"{HEADER}\n" + "\n".join(rows)).column("is_sum")) == {False}


def test_rows_with_what_only_a_request_has_are_requests(tmp_path: Path) -> None:
    rows = (f"{row},{n * 100}" for n, row in enumerate(DAYS))
    assert set(ingest_log(tmp_path, f"{HEADER},latency_ms\n" + "\n".join(rows)).column("is_sum")) == {False}


def test_days_of_more_than_a_hundred_million_tokens_are_sums(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER}\n" + "\n".join(row.replace("0000,", "00000000,") for row in DAYS))
    assert sum(log.column("fresh_input")) == 28 * 100_000_000
    assert set(log.column("is_sum")) == {True}


def test_one_damaged_count_among_single_requests_is_left_out(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER}\n" + "\n".join([*SINGLE * 3, "2026-05-01T10:09:07Z,gpt-4o,500000000,1"]))
    assert log.source.rows == 21
    assert set(log.column("is_sum")) == {False}


def test_rows_of_more_tokens_than_requests_usually_have_are_sums(tmp_path: Path) -> None:
    months = [f"2026-0{month}-01T10:00:07Z,gpt-4o,{month}000000,1000" for month in range(2, 7)]
    assert set(ingest_log(tmp_path, f"{HEADER}\n" + "\n".join(months)).column("is_sum")) == {True}
    few = ingest_log(tmp_path, f"{HEADER}\n" + "\n".join([*months, *SINGLE]))
    assert set(few.column("is_sum")) == {False}
    timed = ingest_log(tmp_path, f"{HEADER},latency_ms\n" + "\n".join(f"{row},800" for row in months))
    assert set(timed.column("is_sum")) == {False}
