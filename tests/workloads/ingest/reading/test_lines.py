"""Rows that another program appended, with line endings of its own."""

from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import ingest_log

pytestmark = pytest.mark.slow

ROWS = "time,input_tokens,output_tokens\n2024-05-01,1,1\n2024-05-01,2,1\n2024-05-01,3,1\n"
MORE = "2024-05-01,4,1\n2024-05-01,5,1\n"


def windows(text: str) -> str:
    return text.replace("\n", "\r\n")


@pytest.mark.parametrize(
    "text", [ROWS + windows(MORE), windows(ROWS) + MORE, ROWS + MORE.replace("\n", "\r")], ids=["crlf", "lf", "cr"]
)
def test_two_ways_to_end_a_line_are_read_as_one(tmp_path: Path, text: str) -> None:
    log = ingest_log(tmp_path, text)
    assert log.column("fresh_input") == [1, 2, 3, 4, 5]
    assert log.source.rejected == ()


def test_a_row_behind_a_missing_last_newline_costs_one_row(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, windows(ROWS).removesuffix("\r\n") + MORE)
    assert log.column("fresh_input") == [1, 2, 5]
    assert [(one.rows, one.examples) for one in log.source.rejected] == [(1, (3,))]


def test_a_return_within_a_cell_costs_the_row_it_breaks(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, ROWS + "2024-05-01,4\r0,1\n" + MORE)
    assert log.column("fresh_input") == [1, 2, 3, 4, 5]
    assert [one.rows for one in log.source.rejected] == [2]
