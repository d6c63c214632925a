import bz2
import gzip
import io
import lzma
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import zstandard

from core.exceptions import BadInput
from tests.support.workloads.ingested_logs import ingest_log
from tests.support.workloads.workbooks import Rows, build_workbook
from workloads.ingest.bounds import Bounds
from workloads.ingest.containers import MAX_MEMBERS, unpack

pytestmark = pytest.mark.slow

CSV = b"time,input_tokens,output_tokens\n2024-05-01T10:00:01Z,1,2\n"
MB = 1 << 20


def pack(files: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


PACKERS = {
    "zip": lambda content: pack({"log.csv": content}),
    "zstd": zstandard.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
}


@pytest.mark.parametrize("kind", PACKERS)
def test_a_packed_log_is_read(tmp_path: Path, kind: str) -> None:
    assert ingest_log(tmp_path, PACKERS[kind](CSV)).column("output") == [2]


@pytest.mark.parametrize("kind", ["zstd", "bzip2", "xz"])
def test_parts_that_were_packed_one_by_one_are_one_log(tmp_path: Path, kind: str) -> None:
    packed = PACKERS[kind](CSV) + PACKERS[kind](b"2024-05-01T10:00:02Z,3,4\n")
    assert ingest_log(tmp_path, packed).column("output") == [2, 4]


@pytest.mark.parametrize("kind", PACKERS)
def test_a_packed_log_that_was_cut_off_is_refused(tmp_path: Path, kind: str) -> None:
    rows = "".join(f"2024-05-01T10:00:01Z,{n * 7919 % 997},{n}\n" for n in range(2_000))
    packed = PACKERS[kind](CSV + rows.encode())
    for length in (12, len(packed) // 2, len(packed) - 9):
        with pytest.raises(BadInput, match="damaged"):
            ingest_log(tmp_path, packed[:length])


@pytest.mark.parametrize("kind", PACKERS)
def test_a_small_file_is_not_unpacked_beyond_the_bounds(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(PACKERS[kind](b"0" * (20 * MB)))
    with pytest.raises(BadInput, match="more than 4 MB when decompressed"):
        unpack(path, tmp_path, Bounds(unpacked=4 * MB))
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) < 6 * MB


def test_a_packed_log_in_an_archive_is_read_but_not_a_third_layer(tmp_path: Path) -> None:
    assert ingest_log(tmp_path, pack({"log.csv.zst": zstandard.compress(CSV)})).column("output") == [2]
    assert ingest_log(tmp_path, pack({"log.csv.gz": gzip.compress(CSV)})).column("output") == [2]
    with pytest.raises(BadInput, match="more than once"):
        ingest_log(tmp_path, pack({"a": pack({"b": pack({"c": CSV})})}))
    with pytest.raises(BadInput, match="more than once"):
        ingest_log(tmp_path, gzip.compress(pack({"log.csv": CSV})))


def test_parts_with_the_same_header_are_one_log_and_others_are_named(tmp_path: Path) -> None:
    parts = {"2.csv": CSV.replace(b"1,2\n", b"3,4"), "1.csv": CSV, "readme.txt": b"About", "__MACOSX/1.csv": b"x"}
    log = ingest_log(tmp_path, pack(parts))
    assert log.column("output") == [2, 4]
    assert 'Read "1.csv" from the archive; 1 other file was left out.' in log.notes
    assert [(one.why, one.rows) for one in log.source.rejected] == [("a line of headings", 1)]


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "no file that could be a log"),
        ({".hidden": CSV, "empty.csv": b""}, "no file that could be a log"),
        ({f"{n}.csv": CSV for n in range(MAX_MEMBERS + 1)}, "more than 1,000 files"),
    ],
)
def test_an_archive_without_a_log_is_refused(tmp_path: Path, files: Mapping[str, bytes], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        ingest_log(tmp_path, b"PK\x03\x04" + pack(files) if not files else pack(files))


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    packed = bytearray(pack({"log.csv": CSV}))
    packed[6] |= 1  # the flag of the file's own header, and of the directory's
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(BadInput, match="encrypted"):
        ingest_log(tmp_path, bytes(packed))


def test_the_sheet_with_most_rows_of_a_workbook_is_read(tmp_path: Path) -> None:
    rows: Rows = [
        ["time", "model", "input_tokens", "output_tokens"],
        [46_000.5, "gpt-4o", 10, 1],
        [46_001, "gpt-4o", 20, 2],
    ]
    log = ingest_log(tmp_path, build_workbook({"About": [["made up"]], "Usage": rows}))
    assert log.column("fresh_input") == [10, 20]
    assert [at.isoformat() for at in log.column("at")] == ["2025-12-09T12:00:00", "2025-12-10T00:00:00"]
    assert 'Read the sheet "Usage"; 1 other sheet was left out.' in log.notes


def test_a_damaged_or_old_workbook_is_refused(tmp_path: Path) -> None:
    for content in (pack({"xl/workbook.xml": b"<workbook"}), b"\xd0\xcf\x11\xe0" + b"\0" * 600):
        with pytest.raises(BadInput, match="damaged or encrypted"):
            ingest_log(tmp_path, content)


@pytest.mark.parametrize("place", [10, 16], ids=["size of the directory", "its place"])
def test_an_archive_whose_directory_is_damaged_is_refused(tmp_path: Path, place: int) -> None:
    content = bytearray(pack({"log.csv": b"time,input_tokens,output_tokens\n2024-05-01,1,2\n"}))
    end = content.rindex(b"PK\x05\x06")
    content[end + place : end + place + 4] = b"\x7f\x7f\x7f\x00"
    with pytest.raises(BadInput, match="damaged or encrypted"):
        ingest_log(tmp_path, bytes(content))


def test_a_sheet_that_is_too_wide_or_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    wide = [["time", *(f"c{n}" for n in range(2_001))]]
    with pytest.raises(BadInput, match="more than 2,000 columns"):
        ingest_log(tmp_path, build_workbook({"Wide": wide}))
    path = tmp_path / "bomb"
    path.write_bytes(build_workbook({"Long": [["x" * (5 * MB)]]}))
    with pytest.raises(BadInput, match="more than 4 MB"):
        unpack(path, tmp_path, Bounds(unpacked=4 * MB))
