"""The form of a file's numbers is decided for the whole file."""

from pathlib import Path

import pytest

from tests.support.workloads.ingested_logs import ingest_log
from workloads.ingest.column_names import split_unit

pytestmark = pytest.mark.slow

HEADER = "time;input_tokens;output_tokens;cost"
TIME = "2026-05-01T10:00:07Z"


def read(tmp_path: Path, *rows: str) -> list[tuple[int, int]]:
    log = ingest_log(tmp_path, "\n".join([HEADER, *(f"{TIME};{row}" for row in rows)]))
    return log.query("SELECT fresh_input, output FROM log.requests ORDER BY row")


def test_dots_are_thousands_where_costs_have_a_decimal_comma(tmp_path: Path) -> None:
    assert read(tmp_path, "4.000;1.234.567;0,5", "999;1;1.234,50") == [(4_000, 1_234_567), (999, 1)]


def test_dots_are_thousands_where_they_would_make_fractions_of_tokens(tmp_path: Path) -> None:
    assert read(tmp_path, "4.000;1;", "1.234;2;") == [(4_000, 1), (1_234, 2)]


def test_dots_are_decimals_where_tokens_are_whole_numbers_so(tmp_path: Path) -> None:
    assert read(tmp_path, "4.000;1.0;0.5", "12.0;2.0;0.25") == [(4, 1), (12, 2)]


def test_costs_with_a_comma_are_read(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"{HEADER}\n{TIME};1;1;0,000125\n{TIME};1;1;1.234,5\n")
    assert [str(cost) for cost in log.column("logged_cost")] == ["0.000125000", "1234.500000000"]


def test_several_dots_are_thousands(tmp_path: Path) -> None:
    assert read(tmp_path, "2.120.000;40.000;", "998.000;1.000;") == [(2_120_000, 40_000), (998_000, 1_000)]
    assert read(tmp_path, "4.000;1.000;1,50 €", "2.000;1.000;0,5 €") == [(4_000, 1_000), (2_000, 1_000)]


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "'", "\u2019"])
def test_spaces_and_apostrophes_are_thousands(tmp_path: Path, space: str) -> None:
    assert read(tmp_path, f"4{space}000;1{space}234{space}567;1") == [(4_000, 1_234_567)]


def test_commas_are_thousands_elsewhere(tmp_path: Path) -> None:
    assert read(tmp_path, "4,000;1,234,567;0.5") == [(4_000, 1_234_567)]


@pytest.mark.parametrize(
    ("name", "cell", "tokens"),
    [
        ("Input tokens (k)", "12.5", 12_500),
        ("Input Tokens (millions)", "1.234", 1_234_000),
        ("Prompt tokens (M)", "230", 230_000_000),
        ("input_mtok", "0.5", 500_000),
        ("Input tokens in thousands", "7", 7_000),
        ("Input Tokens", "33.1K", 33_100),
        ("Input Tokens", "1.25 M", 1_250_000),
    ],
)
def test_counts_may_be_in_thousands_and_millions(tmp_path: Path, name: str, cell: str, tokens: int) -> None:
    rows = "".join(f"2026-05-0{day},gpt-4o,{cell},10,5\n" for day in range(1, 6))
    log = ingest_log(tmp_path, f"day,model,{name},output_tokens,requests\n{rows}")
    assert set(log.column("fresh_input")) == {tokens}
    assert f'"{name}"' in log.notes


def test_a_column_with_digits_only_may_stand_beside_others(tmp_path: Path) -> None:
    rows = ("4;99999999;", "007;;", " 12 ;1,500;", "1e3;5;")
    assert read(tmp_path, *rows) == [(4, 99_999_999), (7, 0), (12, 1_500), (1_000, 5)]


def test_digits_for_more_tokens_than_a_request_can_have_are_left_out(tmp_path: Path) -> None:
    counts = (100_000_001, 100_000_000, 99_999_999)
    rows = "".join(f"{TIME},{count},1,250\n" for count in counts)
    log = ingest_log(tmp_path, f"time,input_tokens,output_tokens,latency_ms\n{rows}")
    assert log.column("fresh_input") == [100_000_000, 99_999_999]
    assert [one.examples for one in log.source.rejected] == [(1,)]


@pytest.mark.parametrize("name", ["cost (k)", "input (m3)", "tokens_km", "Input tokens (kilo-words)"])
def test_other_words_are_no_units(name: str) -> None:
    assert split_unit(name) == (name, 1)
