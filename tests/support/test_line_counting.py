"""The gate counts what the packages' own tests run, in each thread, and nothing else."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.line_counting import GATED, REPEATING, counts_imports, is_counted
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python

ROOT = Path(__file__).parents[2]


def test_what_is_named_is_there() -> None:
    for path, _, test in (name.partition("::") for name in (*GATED, *REPEATING)):
        assert (ROOT / path).exists()
        assert not test or f"def {test}(" in (ROOT / path).read_text()
    assert [path for path in REPEATING if not path.startswith(GATED)] == []


@pytest.mark.parametrize(
    ("nodeid", "counted"),
    [
        ("tests/core/test_db.py::test_a", True),
        ("tests/workloads/test_a.py::test_b", False),
        ("tests/realtime/machine/test_machine.py::test_a", False),
    ],
)
def test_only_the_packages_own_tests_count(nodeid: str, counted: bool) -> None:
    assert is_counted(nodeid) is counted


def config(worker: str | None, *plugins: str) -> Any:
    manager = SimpleNamespace(has_plugin=plugins.__contains__)
    given = {} if worker is None else {"workerinput": {"workerid": worker}}
    return SimpleNamespace(pluginmanager=manager, **given)


@pytest.mark.parametrize(
    ("config", "counted"),
    [(config(None), True), (config(None, "dsession"), False), (config("gw0"), True), (config("gw1"), False)],
    ids=["alone", "distributing", "first worker", "second worker"],
)
def test_one_process_counts_what_collecting_runs(config: Any, counted: bool) -> None:
    assert counts_imports(config) is counted


COUNTING = """
import asyncio, sys
from types import SimpleNamespace
from asgiref.sync import sync_to_async
from coverage import Coverage
from tests.support.line_counting import LineCounting
sys.path.insert(0, sys.argv[1])
import counted
counting, coverage = LineCounting(), Coverage(data_file=None, config_file=False, include=[counted.__file__])
def run(test, function):
    steps = counting.pytest_runtest_protocol(SimpleNamespace(nodeid=test, get_closest_marker=lambda name: None))
    next(steps)
    asyncio.run(sync_to_async(function)())
coverage.start()
run("tests/workloads/test_a.py::test_b", counted.first)
run("tests/core/test_a.py::test_b", counted.second)
run("tests/workloads/test_a.py::test_b", counted.third)
coverage.start()  # as no_cover does it after its test
run("tests/workloads/test_a.py::test_b", counted.third)
coverage.start()
run("tests/core/test_a.py::test_b", counted.fourth)
coverage.stop()
assert sys.gettrace() is None
print(sorted(coverage.get_data().lines(counted.__file__)))
"""


@pytest.mark.slow
def test_a_thread_that_has_begun_pauses_and_counts_again(tmp_path: Path) -> None:
    names = ("first", "second", "third", "fourth")
    (tmp_path / "counted.py").write_text("".join(f"def {name}() -> None:\n    str()\n" for name in names))
    done = run_python(["-c", COUNTING, tmp_path], cwd=ROOT, text=True, timeout=PATIENCE)
    assert (done.stderr, done.stdout) == ("", "[4, 8]\n")
