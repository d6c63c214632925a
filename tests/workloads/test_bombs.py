"""Small files that hold very much: refused or read within bounds, counted in bytes and never in seconds."""

import gzip
import resource
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.exceptions import BadInput, StorageFull
from core.files import find_entry
from tests.support.workloads.ingested_logs import ingest_log
from workloads import child_process
from workloads.child_process import DEFAULT_LIMITS, MIN_SCRATCH, ProcessLimits, fit_size
from workloads.ingest import sandbox
from workloads.ingest.bounds import Bounds
from workloads.ingest.pipeline import ingest_file
from workloads.ingest.reading import table
from workloads.ingest.sandbox import ingest_in_child
from workloads.ingest.schema import LogSource

pytestmark = [pytest.mark.slow, pytest.mark.long]

TIME, MB = "2026-01-01T00:00:00Z", 1 << 20


@dataclass(slots=True)
class Reading:
    """What came of a file, and the most that it ever took on the disk."""

    source: LogSource | None = None
    error: str = ""
    scratch: int = 0


@pytest.fixture(autouse=True)
def forked_children() -> None:
    """None here: what a started process may take is measured."""


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Reading]:
    """Read a file as an uploaded one is read."""
    found = Reading()

    def check_and_record(folder: Path, limits: ProcessLimits, name: str) -> None:
        size = find_entry(folder)
        found.scratch = max(found.scratch, size.size if size else 0)
        child_process.check_scratch(folder, limits, name)

    def read(path: Path, **changed: Any) -> Reading:
        limits = replace(fit_size(DEFAULT_LIMITS, path.stat().st_size), **changed)
        options: dict[str, Any] = {"format": None, "mapping": {}, "name": "log", "limits": limits}
        try:
            found.source = ingest_in_child(path, tmp_path / "out" / "log.duckdb", **options)
        except BadInput as error:
            found.error = str(error)
        return found

    (tmp_path / "out").mkdir()
    monkeypatch.setattr(sandbox, "check_scratch", check_and_record)
    return read


def parquet(path: Path, rows: int, **columns: str) -> Path:
    """A Parquet file whose columns are each one value, `rows` times."""
    cells = {"timestamp": f"'{TIME}'", "input_tokens": "10", "output_tokens": "1"} | columns
    select = ", ".join(f"{value} AS {name}" for name, value in cells.items())
    con = duckdb.connect()
    con.execute(f"COPY (SELECT {select} FROM range({rows})) TO '{path}' (FORMAT parquet, COMPRESSION zstd)")
    con.close()
    assert path.stat().st_size < MB
    return path


@pytest.mark.parametrize(
    "field",
    [
        "prompt",
        *(pytest.param(each, marks=pytest.mark.soak) for each in ("tags", "model", "user_id", "tools", "error")),
    ],
)
def test_one_long_text_again_and_again_takes_no_room(tmp_path: Path, read: Callable[..., Reading], field: str) -> None:
    path = parquet(tmp_path / "bomb", 20_000, **{field: "repeat('x', 200000)"})  # 4 GB
    found = read(path)
    assert found.source is not None, found.error
    assert found.source.rows == 20_000
    assert found.scratch < 64 * MB
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1 << 20  # kilobytes


def test_long_lists_are_read_until_they_take_too_much(tmp_path: Path, read: Callable[..., Reading]) -> None:
    path = parquet(tmp_path / "bomb", 3_000, hash_ids="repeat('a ', 200000)")
    found = read(path, scratch=64 * MB)
    assert "more memory than one log may use" in found.error or "more disk space than one log may use" in found.error
    assert found.scratch < 128 * MB


def test_all_that_a_log_has_on_the_disk_is_counted_together(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "part").write_bytes(b"x" * 600)
    child_process.check_scratch(tmp_path, replace(DEFAULT_LIMITS, reserve=0, scratch=1_200), "log")
    with pytest.raises(BadInput, match="more disk space"):
        child_process.check_scratch(tmp_path, replace(DEFAULT_LIMITS, reserve=0, scratch=1_199), "log")
    with pytest.raises(StorageFull):
        child_process.check_scratch(
            tmp_path, replace(DEFAULT_LIMITS, reserve=0, scratch=1_199, disk_is_short=True), "log"
        )
    with pytest.raises(StorageFull):
        child_process.check_scratch(tmp_path, replace(DEFAULT_LIMITS, reserve=1 << 60), "log")


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (30_000_000, "the limit is 20,000,000"),
        pytest.param(15_000_000, "when decompressed", marks=pytest.mark.soak),
    ],
)
def test_very_many_rows_are_refused_by_what_the_file_says_of_itself(
    tmp_path: Path, read: Callable[..., Reading], rows: int, why: str
) -> None:
    found = read(parquet(tmp_path / "bomb", rows))
    assert why in found.error
    assert found.scratch < MB


def test_what_gzip_packed_is_unpacked_only_so_far(tmp_path: Path, read: Callable[..., Reading]) -> None:
    row = f"{TIME},gpt-4o,10,1\n".encode() * 10_000
    with gzip.open(tmp_path / "bomb", "wb", compresslevel=1) as file:
        file.write(b"timestamp,model,input_tokens,output_tokens\n")
        for _ in range(MIN_SCRATCH // len(row)):
            file.write(row)
    assert (tmp_path / "bomb").stat().st_size < 4 * MB
    found = read(tmp_path / "bomb")
    assert "takes more than 128 MB when decompressed" in found.error
    assert found.scratch < MB


@pytest.mark.parametrize("encoding", [pytest.param("utf-16", marks=pytest.mark.soak), "latin-1"])
def test_so_is_what_has_to_be_transcribed(tmp_path: Path, read: Callable[..., Reading], encoding: str) -> None:
    text = "zeit,modell,input_tokens,output_tokens\n" + f"{TIME},ä,10,1\n" * (MIN_SCRATCH // 40)
    (tmp_path / "bomb").write_bytes(gzip.compress(text.encode(encoding), 1))
    found = read(tmp_path / "bomb", scratch=16 * MB)
    assert "when decompressed" in found.error
    assert found.scratch < 24 * MB


def test_very_many_columns_are_refused_before_anything_is_made_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(names: object) -> None:
        raise AssertionError("names were made")

    monkeypatch.setattr(table, "_make_unique", refuse)
    header = ",".join(f"c{n}" for n in range(100_000))
    with pytest.raises(BadInput, match="more than 2,000 columns"):
        ingest_log(tmp_path, f"{header}\n" + ",".join(["1"] * 100_000))


def test_so_are_very_many_keys(tmp_path: Path) -> None:
    rows = "".join(f'{{"key{n}": 1}}\n' for n in range(50_000))
    with pytest.raises(BadInput, match="more than 2,000 columns"):
        ingest_log(tmp_path, rows, name="log.jsonl")


def test_very_many_keys_inside_an_object_are_data_and_not_columns(tmp_path: Path) -> None:
    """Such as a number for each user's ID."""
    rows = "".join(f'{{"input_tokens": 1, "output_tokens": 2, "users": {{"u{n}": 1}}}}\n' for n in range(3_000))
    log = ingest_log(tmp_path, rows, name="log.jsonl")
    assert log.source.rows == 3_000
    assert len(log.source.ignored) < 2_000


def test_so_are_very_many_columns_of_a_parquet_file(tmp_path: Path) -> None:
    con = duckdb.connect()
    con.execute(
        f"COPY (SELECT {', '.join(f'{n} AS c{n}' for n in range(2_001))}) TO '{tmp_path / 'wide'}' (FORMAT parquet)"
    )
    con.close()
    with pytest.raises(BadInput, match="more than 2,000 columns"):
        ingest_file(tmp_path / "wide", tmp_path / "out", format=None, mapping={}, name="wide")


def test_names_of_columns_are_made_different_in_one_pass() -> None:
    """Counted: each name is looked at a few times, however many there are."""
    looks = []

    class Name(str):
        __slots__ = ()

        def strip(self, *_: Any) -> str:
            looks.append(self)
            return str(self)

    names = [Name("a" if n % 2 else f"a ({n})") for n in range(2_000)]
    unique = table._make_unique(names)
    assert len({one.lower() for one in unique}) == len(names) == len(looks)


def test_an_installation_may_take_fewer_rows_of_any_kind_of_file(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("timestamp,input_tokens,output_tokens\n" + f"{TIME},1,1\n" * 11)
    options: dict[str, Any] = {"format": None, "mapping": {}, "name": "log.csv"}
    with pytest.raises(BadInput, match="The file has 11 rows; the limit is 10"):
        ingest_file(path, tmp_path / "out", bounds=Bounds(rows=10), **options)
    assert ingest_file(path, tmp_path / "out", bounds=Bounds(rows=11), **options).rows == 11


def test_long_names_stay_different_and_short(tmp_path: Path) -> None:
    long = "m" * 5_000
    log = ingest_log(
        tmp_path,
        "timestamp,model,request_id,input_tokens,output_tokens\n"
        + f"{TIME},{long}1,{long}a,1,1\n{TIME},{long}2,{long}b,1,1\n{TIME},{'m' * 190},c,1,1\n",
    )
    models = log.column("model")
    assert [len(model) for model in models] == [194, 194, 190]
    assert (len(set(models)), log.source.rows) == (3, 3)


def test_a_number_that_is_cut_is_no_number(tmp_path: Path) -> None:
    log = ingest_log(tmp_path, f"timestamp,input_tokens,output_tokens\n{TIME},1,1\n{TIME},{'0' * 2_000}1,1\n")
    assert (log.source.rows, [each.rows for each in log.source.rejected]) == (1, [1])


def test_rows_behind_very_many_broken_ones_keep_their_places(tmp_path: Path) -> None:
    rows = [f"{TIME},{n},1,too many" if n % 3 else f"{TIME},{n},1" for n in range(1, 9_001)]
    log = ingest_log(tmp_path, "timestamp,input_tokens,output_tokens\n" + "\n".join(rows + [f"{TIME},9001,1"] * 4_000))
    assert log.column("row")[:2] == [3, 6]
    assert [each.rows for each in log.source.rejected] == [6_000]
    assert log.source.rejected[0].examples == (1, 2, 4, 5, 7)


def test_limits_grow_with_a_log() -> None:
    """Ten million honest rows: 1.4 GB of CSV, 300 MB of Parquet, 150 MB of packed JSON lines."""
    for size, unpacked, seconds in (
        (1_400 * MB, 1_400 * MB, 600),
        (300 * MB, 3_000 * MB, 300),
        (150 * MB, 3_000 * MB, 150),
    ):
        limits = fit_size(DEFAULT_LIMITS, size)
        assert child_process.to_bounds(limits).unpacked >= unpacked
        assert limits.scratch >= 9 * 1024 * MB
        assert limits.cpu >= seconds
    small = fit_size(DEFAULT_LIMITS, 100_000)
    assert (small.scratch, small.cpu, small.seconds) == (MIN_SCRATCH, 40, 120)
