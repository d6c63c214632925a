"""Columns of any meaning are kept if they divide the rows into few groups, and hold short words."""

import csv
from pathlib import Path

import duckdb
import pytest

from workloads.ingest.pipeline import ingest_file
from workloads.ingest.reading.kept_columns import MAX_KEPT_COLUMNS, MAX_KEPT_VALUES
from workloads.ingest.schema import LogSource

pytestmark = pytest.mark.slow

HEAD = ("time", "model", "input_tokens", "output_tokens")


def read(tmp_path: Path, columns: dict[str, list[str]]) -> LogSource:
    rows = len(next(iter(columns.values())))
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*HEAD, *columns])
        for row in range(rows):
            cells = (values[row] for values in columns.values())
            writer.writerow([f"2026-06-01T10:00:{row % 60:02}Z", "gpt-4o", 1000 + row, 10, *cells])
    return ingest_file(path, tmp_path / "workload.duckdb", format=None, mapping={}, name="log.csv")


@pytest.mark.parametrize(
    ("name", "values", "kept"),
    [
        ("cost_center", ["CC-1", "CC-2"], True),
        ("region", ["eu", ""], True),
        ("http_code", ["200", "503"], True),  # codes
        ("metadata.squad", ["a", "b"], True),
        ("object", ["chat.completion"], False),  # all in one group
        ("seed", [str(n) for n in range(30)], False),  # numbers
        ("queue_ms", ["12", "15"], False),  # a measure
        ("rate", ["0.5", "0.7"], False),
        ("reset_at", ["2026-06-01T10:00:00Z", "2026-06-02T10:00:00Z"], False),
        ("system_prompt", ["Be kind.", "Be brief."], False),  # what people wrote
        ("message", ["hello", "bye"], False),
        ("note", ["x" * 101, "y"], False),
        ("parts", ["[1, 2]", "[3]"], False),
        ("webhook_secret", ["a", "b"], False),
        ("caller", ["sk-proj-A1b2C3d4E5f6G7h8I9j0", "x"], False),
    ],
)
def test_which_columns_are_kept(tmp_path: Path, name: str, values: list[str], kept: bool) -> None:
    source = read(tmp_path, {name: values * 6})
    assert source.kept == ((name,) if kept else ())
    assert (name in source.ignored) is not kept


def test_the_kind_of_a_call_is_kept(tmp_path: Path) -> None:
    """It is also what tells requests from other rows."""
    calls = ["completion", "completion", "embedding"]
    assert read(tmp_path, {"call_type": calls * 4}).kept == ("call_type",)
    assert read(tmp_path, {"operation_name": calls * 4}).kept == ("operation_name",)
    assert read(tmp_path, {"call_type": calls[:1] * 4}).kept == ()


def test_a_column_with_a_value_of_its_own_in_each_row_is_not_kept(tmp_path: Path) -> None:
    assert read(tmp_path, {"host": [f"h{n}" for n in range(40)]}).kept == ()


def test_the_rest_of_the_file_decides(tmp_path: Path) -> None:
    first = ["a"] * 3_000
    assert read(tmp_path, {"zone": [*first, "b"]}).kept == ("zone",)
    assert read(tmp_path, {"zone": first + [f"z{n // 3}" for n in range(3 * MAX_KEPT_VALUES + 3)]}).kept == ()
    assert read(tmp_path, {"zone": [*first, "long " * 50]}).kept == ()
    assert read(tmp_path, {"zone": [""] * 3_000 + ["b", "b"]}).kept == ("zone",)


def test_no_more_columns_are_kept_than_a_limit(tmp_path: Path) -> None:
    source = read(tmp_path, {f"dimension {n}": ["a", "b"] * 4 for n in range(MAX_KEPT_COLUMNS + 5)})
    assert source.kept == tuple(f"dimension {n}" for n in range(MAX_KEPT_COLUMNS))


def test_a_log_without_such_columns_has_no_table(tmp_path: Path) -> None:
    read(tmp_path, {"host": [f"h{n}" for n in range(40)]})
    with duckdb.connect(str(tmp_path / "workload.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'kept'").fetchone() == (0,)


def test_values_belong_to_their_rows(tmp_path: Path) -> None:
    read(tmp_path, {"zone": [" a ", "b", "", "a"] * 500})
    with duckdb.connect(str(tmp_path / "workload.duckdb"), read_only=True) as con:
        rows = con.execute("SELECT row, k1 FROM kept ORDER BY row").fetchall()
    assert rows == [(n + 1, ["a", "b", None, "a"][n % 4]) for n in range(2_000)]
