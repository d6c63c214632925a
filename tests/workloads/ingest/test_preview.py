import json
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Thread

import pytest

from core.exceptions import BadInput, RunCancelled
from tests.support.patience import PATIENCE
from workloads.child_process import ProcessLimits
from workloads.ingest.pipeline import ingest_file
from workloads.ingest.preview import Preview, preview_from_json
from workloads.ingest.sandbox import ingest_in_child


def look(tmp_path: Path, content: str, *, fails: bool = False) -> Mapping[str, tuple[str, ...]]:
    """Column name to examples of a file, whether or not it can be read."""
    path = tmp_path / "log"
    path.write_text(content)
    seen: list[Preview] = []

    def read() -> None:
        ingest_file(path, tmp_path / "out", format=None, mapping={}, name="log", on_preview=seen.append)

    if fails:
        with pytest.raises(BadInput):
            read()
    else:
        read()
    return {column.name: column.examples for column in seen[0].columns}


@pytest.mark.slow
def test_it_shows_the_first_different_values_of_each_column(tmp_path: Path) -> None:
    rows = "".join(f"2024-05-0{n},{n // 2},{7},\n" for n in range(1, 9))
    assert look(tmp_path, f"time,input_tokens,output_tokens,empty\n{rows}") == {
        "time": ("2024-05-01", "2024-05-02", "2024-05-03"),
        "input_tokens": ("0", "1", "2"),
        "output_tokens": ("7",),
        "empty": (),
    }


def test_a_file_without_usable_columns_is_shown_all_the_same(tmp_path: Path) -> None:
    assert look(tmp_path, "a,b\n1,2\n", fails=True) == {"a": ("1",), "b": ("2",)}


def test_places_inside_json_are_columns_too(tmp_path: Path) -> None:
    line = json.dumps({"usage": {"in": 5, "deep": {"out": 7}}, "tags": ["x"]})
    shown = look(tmp_path, f"{line}\n", fails=True)
    assert (shown["usage.in"], shown["usage.deep.out"]) == (("5",), ("7",))
    assert shown["tags"] == ('["x"]',)


@pytest.mark.slow
def test_a_key_with_a_dot_is_a_column_like_any_other(tmp_path: Path) -> None:
    """OpenTelemetry's attributes are named so."""
    line = json.dumps({"a.b": {"output_tokens": 1}, "input_tokens": 5})
    assert look(tmp_path, f"{line}\n") == {"a.b.output_tokens": ("1",), "input_tokens": ("5",)}


@pytest.mark.slow
def test_text_is_cut_and_columns_are_counted(tmp_path: Path) -> None:
    names = ",".join(f"c{n}" for n in range(300))
    cells = ",".join(["é" * 500] * 300)
    shown = look(tmp_path, f"{names}\n{cells}\n", fails=True)
    assert len(shown) == 200
    assert shown["c0"] == ("é" * 80,)


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    path = tmp_path / "log"
    path.write_text(f'"{evil}",b) DROP x --\n"=cmd()|\u202e{evil}\x01",2\n')
    shown = look(tmp_path, path.read_text(), fails=True)
    assert shown[evil] == (f"=cmd()|\u202e{evil}\x01",)


def set_when_previewed(stop: Event, folder: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not list(folder.glob(".out.*/preview.json")) and time.monotonic() < until:
        time.sleep(0.02)
    stop.set()


@pytest.mark.slow
def test_it_comes_out_of_the_reading_process_even_if_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("time,input_tokens,output_tokens\n" + "".join(f"2024-05-01,{n},7\n" for n in range(2_000_000)))
    seen: list[Preview] = []
    stop = Event()
    watch = Thread(target=set_when_previewed, args=(stop, tmp_path))
    watch.start()
    with pytest.raises(RunCancelled):
        ingest_in_child(
            path,
            tmp_path / "out",
            format=None,
            mapping={},
            name="log.csv",
            limits=ProcessLimits(seconds=int(PATIENCE)),
            stop=stop,
            on_preview=seen.append,
        )
    watch.join()
    assert [column.name for column in seen[0].columns] == ["time", "input_tokens", "output_tokens"]


def test_it_survives_being_stored(tmp_path: Path) -> None:
    data = {"columns": [{"name": "a", "examples": ["1", "2"]}]}
    assert preview_from_json(data).columns[0].examples == ("1", "2")
