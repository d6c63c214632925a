import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from core.exceptions import BadInput, StorageFull
from core.i18n.text import text
from tests.support.workloads.ingested_logs import bring_file, ingest_log
from workloads.ingest import pipeline
from workloads.ingest.database import attach_log, read_source
from workloads.ingest.pipeline import ingest_file
from workloads.ingest.preview import Preview

pytestmark = pytest.mark.slow

LOG = "time,input_tokens,output_tokens\n2024-05-01,1,2\n"


def test_it_stores_the_source_beside_the_requests(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, LOG, name="my <b>log.csv")
    con = attach_log(log.out, temp=tmp_path / "t")
    try:
        assert read_source(con) == log.source
    finally:
        con.close()
    assert log.source.name == "my <b>log.csv"
    assert log.source.columns == {"row", "at", "fresh_input", "output"}


def test_it_replaces_an_earlier_file_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    ingest_log(tmp_path, LOG)
    log = ingest_log(tmp_path, LOG + "2024-05-02,3,4\n")
    assert log.source.rows == 2
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "temp") == ["log.csv", "log.duckdb"]


def test_it_keeps_the_earlier_file_if_the_new_one_is_no_log(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, LOG)
    with pytest.raises(BadInput):
        ingest_log(tmp_path, b"\0\0\0")
    assert log.column("output") == [2]


def parquet(path: Path, select: str) -> Path:
    duckdb.connect().execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


def test_it_reads_parquet_with_times_structs_and_lists(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "log.parquet",
        """SELECT TIMESTAMP '2024-05-01 10:00:00.5' AS ts, {'prompt_tokens': 10, 'completion_tokens': 2} AS usage,
        [7, 8] AS hash_ids, 1.5::DOUBLE AS latency_s""",
    )
    log = bring_file(tmp_path, path)
    assert log.query('SELECT "at"::VARCHAR, fresh_input, output, blocks, latency_ms FROM log.requests') == [
        ("2024-05-01 10:00:00.5", 10, 2, ["7", "8"], 1500.0)
    ]


def test_it_says_that_a_parquet_file_was_cut_off(tmp_path: Path) -> None:
    path = parquet(tmp_path / "log.parquet", "SELECT range AS input_tokens, range AS output_tokens FROM range(9999)")
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(BadInput, match="damaged, incomplete"):
        bring_file(tmp_path, path)


@pytest.mark.parametrize("depth", [20_000, 2_000_000])
def test_it_survives_json_that_is_nested_out_of_all_reason(tmp_path: Path, depth: int) -> None:
    with pytest.raises(BadInput):
        ingest_log(tmp_path, '{"a": ' + "[" * depth + "\n")


@pytest.mark.long
def test_a_row_may_have_a_prompt_of_any_length(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, '{"input_tokens": 1, "output_tokens": 2, "prompt": "' + "x" * (20 << 20) + '"}')
    assert log.column("output") == [2]
    assert log.out.stat().st_size < 10 << 20


def test_it_tells_an_operator_that_the_disk_is_full_and_leaves_nothing(tmp_path: Path) -> None:
    """A file-size limit stands for the disk: the system refuses the write in the same place."""
    rows = "".join(f"2024-05-01,{number},{number * 7919 % 997}\n" for number in range(50_000))
    (tmp_path / "log.csv").write_text("time,input_tokens,output_tokens\n" + rows)
    code = (
        "import resource, sys; from pathlib import Path; from workloads.ingest.pipeline import ingest_file;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000));"
        "ingest_file(Path(sys.argv[1]), Path(sys.argv[2]), format=None, mapping={}, name='log.csv')"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "log.csv"), str(tmp_path / "log.duckdb")],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[3],
    )
    assert f'{StorageFull.__name__}: "log.csv" could not be stored' in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["log.csv"]


def test_it_reads_no_file_but_the_one_that_was_named(tmp_path: Path) -> None:
    """A name with a pattern is that name: it does not reach the neighbours' files."""
    (tmp_path / "a.csv").write_text(LOG)
    with pytest.raises(BadInput, match="File not found"):
        ingest_file(tmp_path / "*.csv", tmp_path / "out.duckdb", format=None, mapping={}, name="*.csv")
    (tmp_path / "*.csv").write_text(LOG.replace("1,2", "5,6"))
    log = bring_file(tmp_path, tmp_path / "*.csv")
    assert log.column("output") == [6]


def test_it_does_not_take_a_name_for_a_compression(tmp_path: Path) -> None:
    assert ingest_log(tmp_path, LOG, name="log.csv.gz").column("output") == [2]


def test_it_does_not_show_where_files_lie(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        ingest_log(tmp_path, b"PAR1" * 9)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.long
def test_it_keeps_the_places_of_many_rows(tmp_path: Path) -> None:
    """Enough rows for several threads; a place given after an out-of-order scan would show at the seams."""
    select = "SELECT TIMESTAMP '2024-05-01' + INTERVAL (range // 1000) SECOND AS time, range + 1 AS input_tokens, "
    path = tmp_path / "log.csv"
    duckdb.connect().execute(
        f"COPY ({select} 1 AS output_tokens, '' AS error FROM range(260000)) TO '{path}' (FORMAT csv)"
    )
    log = bring_file(tmp_path, path)
    assert log.query("SELECT count(*), sum((row <> fresh_input)::INT) FROM log.requests") == [(260_000, 0)]


@pytest.mark.parametrize(
    "statement",
    ["FROM read_text('/etc/hostname')", "FROM read_csv('{0}/other.csv')", "COPY (SELECT 1) TO '{0}/stolen.csv'"],
)
@pytest.mark.parametrize("step", ["stage_cells", "type_rows"])
def test_while_a_log_is_read_nothing_else_can_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: str, step: str
) -> None:
    """Whatever a crafted log could make us say to DuckDB."""
    (tmp_path / "other.csv").write_text(LOG)

    def run_crafted_load(con: duckdb.DuckDBPyConnection, *_: object, **__: object) -> None:
        with pytest.raises(duckdb.PermissionException):
            con.execute(statement.format(tmp_path))
        for setting in ("enable_external_access = true", "allowed_directories = ['/']", "allowed_paths = ['/']"):
            with pytest.raises(duckdb.InvalidInputException):
                con.execute(f"SET {setting}")
        raise BadInput(text("as far as it came"))

    monkeypatch.setattr(f"workloads.ingest.pipeline.{step}", run_crafted_load)
    with pytest.raises(BadInput, match="as far as it came"):
        ingest_log(tmp_path, LOG)


def test_once_the_file_is_read_no_setting_can_be_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_crafted_load(con: duckdb.DuckDBPyConnection, *_: object, **__: object) -> None:
        with pytest.raises(duckdb.InvalidInputException, match="locked"):
            con.execute("SET memory_limit = '64GB'")
        raise BadInput(text("as far as it came"))

    monkeypatch.setattr("workloads.ingest.pipeline.type_rows", run_crafted_load)
    with pytest.raises(BadInput, match="as far as it came"):
        ingest_log(tmp_path, LOG)


HOSTILE = (
    "",
    " ",
    "*",
    "$",
    "a\\",
    'a"b',
    "a'b",
    "a.b",
    "a\0b",
    "#-1",
    "'); ATTACH '/etc/passwd' AS p; --",
    "x" * 5_000,
)


@pytest.mark.long
@pytest.mark.parametrize("key", HOSTILE, ids=lambda key: repr(key)[:20])
def test_no_name_of_a_column_is_more_than_a_name(tmp_path: Path, key: str) -> None:
    row = {"time": "2024-05-01", "input_tokens": 1, "output_tokens": 2, key: "v", "meta": {key: "w", "deep": {key: 1}}}
    content = f"{json.dumps(row)}\n" * 3
    assert ingest_log(tmp_path, content).source.rows == 3
    columns = (key, f"meta.{key}", f"meta.deep.{key}", f"meta.{key}.{key}")
    for column in columns[HOSTILE.index(key) % 2 :: 2]:
        try:
            assert ingest_log(tmp_path, content, mapping={"feature": column}).source.rows == 3
        except BadInput as error:
            assert "The file has no column" in str(error)  # noqa: PT017 - either will do


def test_the_columns_beside_a_strange_one_are_shown(tmp_path: Path) -> None:
    seen: list[Preview] = []
    path = tmp_path / "log.jsonl"
    row = {
        "time": "2024-05-01",
        "input_tokens": 1,
        "output_tokens": 2,
        "": 3,
        "meta": {"*": 1, "a\\": 2, "": 3, "b": 4},
    }
    path.write_text(f"{json.dumps(row)}\n" * 3)
    ingest_file(path, tmp_path / "log.duckdb", format=None, mapping={}, name=path.name, on_preview=seen.append)
    assert {column.name: column.examples for column in seen[0].columns} == {
        "input_tokens": ("1",),
        "meta.*": ("1",),
        "meta.a\\": ("2",),
        "meta.b": ("4",),
        "output_tokens": ("2",),
        "time": ("2024-05-01",),
    }


@pytest.mark.soak
def test_a_long_csv_leaves_memory_for_its_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB would read it in buffers of 128 MB each, whatever its lines, and then has none left for the table."""
    path = tmp_path / "long.csv"
    row = "'2026-11-03T08:00:00Z' AS time, 'gpt-4o' AS model, 5 AS input_tokens, 1 AS output_tokens"
    with duckdb.connect() as con:
        con.execute(
            f"COPY (SELECT {row}, md5(i::VARCHAR) AS request_id FROM range(2500000) n (i)) TO '{path}' (HEADER)"
        )
    monkeypatch.setattr(pipeline, "MEMORY", "150MB")
    assert bring_file(tmp_path, path).source.rows == 2_500_000
