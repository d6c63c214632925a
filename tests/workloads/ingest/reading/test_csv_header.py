from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import ingest_log
from workloads.ingest.reading.text_files import MAX_LINE_LENGTH, CsvHeader, read_header

ROW = "2026-05-01T10:00:07Z,1,2\n"


def header(tmp_path: Path, content: str) -> CsvHeader:
    path = tmp_path / "log.csv"
    path.write_text(content)
    return read_header(path)


@pytest.mark.parametrize(
    ("above", "skipped"), [("", 0), ("sep=,\n", 1), ('"sep=,"\r\n', 1), ("Usage report\n\nPeriod: May, 2026\n", 3)]
)
def test_titles_above_the_header_are_skipped(tmp_path: Path, above: str, skipped: int) -> None:
    found = header(tmp_path, f"{above}time,input_tokens,output_tokens\n{ROW * 5}")
    assert found == CsvHeader(names=("time", "input_tokens", "output_tokens"), separator=",", skipped=skipped)


def test_a_declared_separator_counts(tmp_path: Path) -> None:
    assert header(tmp_path, "sep=|\na|b,c\n1|2,3\n").names == ("a", "b,c")


def test_without_a_line_of_words_the_first_one_names_the_columns(tmp_path: Path) -> None:
    assert header(tmp_path, "1,2,3\n4,5,6\n").names == ("1", "2", "3")


def test_a_separator_in_quotes_is_text(tmp_path: Path) -> None:
    assert header(tmp_path, 'a;"b;c"\n1,5;2\n').names == ("a", "b;c")


@pytest.mark.slow
def test_broken_lines_keep_their_places_below_titles(tmp_path: Path) -> None:
    content = f"Report\n\nMay\ntime,input_tokens,output_tokens\n{ROW}2026-05-01,2\n{ROW}2026-05-01T10:00:01Z,-5,1\n"
    log = ingest_log(tmp_path, content + ROW * 3)
    assert {one.examples for one in log.source.rejected} == {(2,), (4,)}
    assert log.column("row") == [1, 3, 5, 6, 7]


def test_a_first_line_without_end_is_refused_and_a_later_one_read_only_so_far(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="longer than a million"):
        header(tmp_path, "x" * MAX_LINE_LENGTH + "\n")
    assert header(tmp_path, f"a,b\n1,{'x' * 3 * MAX_LINE_LENGTH}\n3,4\n").names == ("a", "b")


TWO_LINES = {
    "spreadsheet": (",gpt-4o,,o3,\nDate,In,Out,In,Out\n", ("Date", "gpt-4o In", "gpt-4o Out", "o3 In", "o3 Out"), 1),
    "budget": (
        "Month,Budget,,Actual,\n,In,Out,In,Out\n",
        ("Month", "Budget In", "Budget Out", "Actual In", "Actual Out"),
        1,
    ),
    "a-gap": ("Date,,In,Out,x\n2026-01-01,a,1,2,3\n", ("Date", "", "In", "Out", "x"), 0),
    "pandas": (
        ",in,in,out,out\nmodel,gpt-4o,o3,gpt-4o,o3\ndate,,,,\n",
        ("date", "in gpt-4o", "in o3", "out gpt-4o", "out o3"),
        2,
    ),
    "tags": ("time,tag,tag,In,Out\n2026-05-01,a,b,,\n", ("time", "tag", "tag", "In", "Out"), 0),
    "failed-first": ("time,,In,Out,error\n2026-05-01,gpt-4o,,,timeout\n", ("time", "", "In", "Out", "error"), 0),
    "title": ("Usage in May,,,,\nDate,In,Out,In,Out\n", ("Date", "In", "Out", "In", "Out"), 1),
    "numbers-below": ("Date,In,Out,In,Out\n", ("Date", "In", "Out", "In", "Out"), 0),
}


@pytest.mark.parametrize("name", TWO_LINES)
def test_names_that_stand_twice_get_those_of_the_other_header_line(tmp_path: Path, name: str) -> None:
    head, names, skipped = TWO_LINES[name]
    found = header(tmp_path, head + "2026-05-01,1,2,3,4\n" * 3)
    assert (found.names, found.skipped) == (names, skipped)


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("Usage in October (tokens in thousands)", 1_000),
        ("All tokens are in millions", 1),
        ("Token (in Tsd.)", 1_000),
        ("in millions of tokens", 1_000_000),
        ("Tokens, thousands of teams", 1),
        ("Tokens: thousands", 1_000),
    ],
)
def test_a_unit_above_the_table_holds_for_its_tokens(tmp_path: Path, title: str, unit: int) -> None:
    table = "Date,Model,Input tokens,Output tokens,Requests\n2026-05-01,gpt-4o,12,3,40\n2026-05-02,gpt-4o,5,2,30\n"
    log = ingest_log(tmp_path, f"{title}\n\n{table}")
    assert log.column("fresh_input") == [12 * unit, 5 * unit]
    assert log.column("requests") == [40, 30]
    assert ("in units of" in log.notes) == (unit > 1)
