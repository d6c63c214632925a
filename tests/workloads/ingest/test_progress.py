"""How far a log's reading is: what is measured, and on its way from the child process to its user."""

from pathlib import Path
from threading import Event, get_ident
from typing import Any

import duckdb
import pytest

from tests.support.patience import PATIENCE
from workloads.ingest import progress
from workloads.ingest.pipeline import ingest_file
from workloads.ingest.preview import Preview
from workloads.ingest.progress import (
    STEPS,
    ReadingProgress,
    measure_file,
    measure_query,
    progress_from_json,
    progress_to_json,
)


def test_the_share_of_a_file_is_the_place_up_to_which_it_was_read(tmp_path: Path) -> None:
    path, link = tmp_path / "log.csv", tmp_path / "link"
    path.write_bytes(b"x" * 400_000)
    link.symlink_to(path)
    assert measure_file(path) is None
    with path.open("rb", buffering=0) as file:
        assert measure_file(link) == 0
        file.read(100_000)
        assert measure_file(path) == measure_file(link) == 0.25
        file.read()
        assert measure_file(path) == 1
    assert measure_file(path) is measure_file(tmp_path / "missing") is None


def test_the_share_of_a_query_is_known_while_it_runs_only() -> None:
    con = duckdb.connect()
    progress.enable_measuring(con)
    assert measure_query(con) is None
    con.execute("SELECT 1").fetchall()
    assert measure_query(con) in (None, 1.0)


def test_the_steps_are_reported_by_another_thread_while_a_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "INTERVAL_SECONDS", 0.001)
    path, seen, is_reported = tmp_path / "log.csv", set[ReadingProgress](), Event()
    path.write_text("time,model,input_tokens,output_tokens\n" + "2026-01-01T00:00:00Z,gpt-4o,1000,10\n" * 5)

    def report(one: ReadingProgress) -> None:
        assert get_ident() != reader
        seen.add(one)
        is_reported.set()

    def wait(preview: Preview) -> None:
        assert is_reported.wait(PATIENCE)

    reader = get_ident()
    ingest_file(path, tmp_path / "out", format=None, mapping={}, name="log.csv", on_preview=wait, on_progress=report)
    assert ReadingProgress(step="file", share=None) in seen
    assert all(one.step in STEPS and (one.share is None or 0 <= one.share <= 1) for one in seen)


@pytest.mark.parametrize(
    "written",
    [None, [], {}, {"step": "rows"}, {"step": "else", "share": 0.5}, {"step": ["rows"], "share": 0.5}, "rows"],
    ids=str,
)
def test_what_the_child_wrote_is_not_trusted(written: Any) -> None:
    assert progress_from_json(written) is None


@pytest.mark.parametrize("share", [None, 0.0, 0.5, 1.0])
def test_the_progress_survives_its_way_as_json(share: float | None) -> None:
    one = ReadingProgress(step="rows", share=share)
    assert progress_from_json(progress_to_json(one)) == one


@pytest.mark.parametrize("share", [-1, 2, float("nan"), float("inf")], ids=str)
def test_an_impossible_share_is_unknown(share: float) -> None:
    assert progress_from_json({"step": "rows", "share": share}) == ReadingProgress(step="rows", share=None)
