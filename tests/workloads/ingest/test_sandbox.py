import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Event, Timer
from typing import IO, Any

import pytest

from core.exceptions import BadInput, Defect, RunCancelled, StorageFull
from core.i18n.text import to_json
from tests.support.patience import PATIENCE
from tests.support.workloads.ingested_logs import ingest_log
from workloads.child_process import STOP_SIGNALS, ProcessLimits, explain_exit, start_child
from workloads.ingest.pipeline import ingest_file
from workloads.ingest.sandbox import ingest_in_child
from workloads.ingest.schema import LogSource

pytestmark = [pytest.mark.slow, pytest.mark.long]

LOG = "time,input_tokens,output_tokens\n"


@pytest.fixture(autouse=True)
def forked_children() -> None:
    """None here: the processes are started as the product starts them."""


def apart(tmp_path: Path, *, rows: int, limits: ProcessLimits | None = None, stop: Event | None = None) -> LogSource:
    path = tmp_path / "log.csv"
    path.write_text(LOG + "".join(f"2024-05-01,{row},{row * 7919 % 997}\n" for row in range(rows)))
    return ingest_in_child(
        path,
        tmp_path / "log.duckdb",
        format=None,
        mapping={},
        name="l.csv",
        limits=limits or ProcessLimits(),
        stop=stop,
    )


def list_left_files(tmp_path: Path) -> list[str]:
    return [path.name for path in tmp_path.iterdir()]


def test_it_gives_what_ingest_gives(tmp_path: Path) -> None:
    source = apart(tmp_path, rows=3)
    assert source == ingest_log(tmp_path, (tmp_path / "log.csv").read_text(), name="l.csv").source


def test_it_hands_on_what_the_user_can_mend(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r'"l.csv": The file has a header but no rows'):
        apart(tmp_path, rows=0)
    assert list_left_files(tmp_path) == ["log.csv"]


def test_sentences_can_be_said_in_any_language_after_they_were_handed_on(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("prompt_tokens,output_tokens\n5,1\n6,2\n-5,1\n")
    options: dict[str, Any] = {"format": None, "mapping": {}, "name": path.name}
    handed = ingest_in_child(path, tmp_path / "apart.duckdb", **options)
    source = ingest_file(path, tmp_path / "log.duckdb", **options)
    assert to_json(handed) == to_json(source)
    assert [note.template for note in handed.notes] == [note.template for note in source.notes] != list(source.notes)
    assert [each.why.template for each in handed.rejected] == ["{field} is negative"]


def test_so_can_what_is_wrong_and_what_to_type_is_handed_on_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("when,model\n1,2\n")
    options: dict[str, Any] = {"format": None, "mapping": {}, "name": path.name}
    told = []
    for way in (ingest_file, ingest_in_child):
        with pytest.raises(BadInput) as caught:
            way(path, tmp_path / "log.duckdb", **options)
        told.append((to_json(caught.value.message), caught.value.in_terminal))
    assert told[0] == told[1]
    assert told[0][0]["text"] == '"{name}": {problem}'
    assert told[0][1] == "To map it: --map input_tokens=COLUMN."


def test_it_hands_on_that_a_log_needs_more_disk_than_it_may_use(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match='"l.csv" needs more disk space than one log may use'):
        apart(tmp_path, rows=50_000, limits=ProcessLimits(file=100_000))
    assert list_left_files(tmp_path) == ["log.csv"]


def test_it_hands_on_that_the_disk_is_full(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    with pytest.raises(StorageFull, match="not enough space on the server's disk"):
        apart(tmp_path, rows=3, limits=ProcessLimits(reserve=free * 2))
    assert list_left_files(tmp_path) == ["log.csv"]


def test_it_ends_a_file_that_takes_too_long(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="takes too long"):
        apart(tmp_path, rows=3, limits=ProcessLimits(seconds=0))
    assert list_left_files(tmp_path) == ["log.csv"]


def test_it_survives_a_file_that_kills_the_reader(tmp_path: Path) -> None:
    # Whether it dies or can still say so depends on what it has loaded before.
    with pytest.raises(BadInput, match="damaged|needs more memory"):
        apart(tmp_path, rows=3, limits=ProcessLimits(data=60 << 20))
    assert list_left_files(tmp_path) == ["log.csv"]


def test_it_stops_when_told_to(tmp_path: Path) -> None:
    stop = Event()
    Timer(0.05, stop.set).start()
    with pytest.raises(RunCancelled):
        apart(tmp_path, rows=300_000, stop=stop)
    assert list_left_files(tmp_path) == ["log.csv"]


def test_it_tells_a_crash_from_a_fault_of_ours() -> None:
    assert isinstance(explain_exit(-11, b"", "l.csv"), BadInput)
    assert isinstance(explain_exit(1, b"Traceback: KeyError", "l.csv"), Defect)


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_reader_that_somebody_stopped_is_no_fault_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    before = signal.signal(
        number, signal.SIG_DFL
    )  # whoever runs the tests may have it ignored, and children inherit it

    def start_stopped(module: str, folder: Path, *, errors: IO[bytes]) -> "subprocess.Popen[bytes]":
        child = start_child(module, folder, errors=errors)
        child.send_signal(number)  # before it can ignore that
        return child

    monkeypatch.setattr("workloads.ingest.sandbox.start_child", start_stopped)
    try:
        with pytest.raises(OSError, match="was stopped"):
            apart(tmp_path, rows=3)
    finally:
        signal.signal(number, before)
    assert list_left_files(tmp_path) == ["log.csv"]


def test_the_reader_knows_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NETRA_MODEL_API_KEY", "the-key")
    given, popen = [], subprocess.Popen

    def watch_popen(*arguments: Any, **options: Any) -> Any:
        given.append(options.get("env", os.environ))
        return popen(*arguments, **options)

    monkeypatch.setattr(subprocess, "Popen", watch_popen)
    apart(tmp_path, rows=3)
    assert [set(environment) for environment in given] == [{"PYTHONPATH", "PYTHONSAFEPATH", "PYTHONUTF8", "PATH"}]


@pytest.mark.parametrize("module", ["workloads.ingest.sandbox_child", "workloads.analysis.calculator_child"])
def test_a_child_takes_no_code_from_its_folder(tmp_path: Path, module: str) -> None:
    for name in ("workloads", "workloads/ingest", "workloads/analysis", "core", "netra"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    taken = tmp_path / "taken"
    for name in ("duckdb", "json", "workloads/ingest/sandbox_child", "workloads/analysis/calculator_child"):
        (tmp_path / f"{name}.py").write_text(f"open({str(taken)!r}, 'w').close()")
    with (tmp_path / "errors").open("wb") as errors, start_child(module, tmp_path, errors=errors) as child:
        child.communicate(b"")
    assert not taken.exists()


def test_a_reader_that_is_stopped_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    children, popen = [], subprocess.Popen

    def watch_popen(*arguments: Any, **options: Any) -> Any:
        children.append(popen(*arguments, **options))
        return children[-1]

    monkeypatch.setattr(subprocess, "Popen", watch_popen)
    stop = Event()
    stop.set()
    with pytest.raises(RunCancelled):
        apart(tmp_path, rows=300_000, stop=stop)
    assert [child.returncode for child in children] == [-signal.SIGKILL]


ORPHANING = """
import sys
from pathlib import Path
from workloads.ingest.sandbox import ingest_in_child
ingest_in_child(Path(sys.argv[1]), Path(sys.argv[2]), format=None, mapping={}, name="l.csv")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux's kernel does this")
def test_a_reader_dies_with_the_process_that_waits_for_it(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(LOG + "2024-05-01,1,1\n" * 3_000_000)
    parent = subprocess.Popen([sys.executable, "-c", ORPHANING, str(path), str(tmp_path / "out")])
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
    until = time.monotonic() + PATIENCE
    while not (found := children.read_text().split()) and time.monotonic() < until:
        time.sleep(0.02)
    (child,) = found
    while not list(tmp_path.glob(".out.*/.log.duckdb.*")) and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(int(child), signal.SIGSTOP)  # in the midst of it: it cannot end by itself any more
    assert not (tmp_path / "out").exists()
    parent.kill()
    parent.wait(PATIENCE)
    until = time.monotonic() + PATIENCE
    while Path(f"/proc/{child}/cmdline").exists() and time.monotonic() < until:
        # A zombie that nobody has reaped yet is dead all the same.
        if Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.02)
    assert not Path(f"/proc/{child}").exists()
    assert not (tmp_path / "out").exists()


def test_the_reader_waits_for_nothing_that_only_says_things() -> None:
    loaded = "import sys, workloads.ingest.sandbox_child; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert "workloads.ingest.pipeline" in told
    assert {"babel", "django"} & set(told) == set()
