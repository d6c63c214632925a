import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from core.exceptions import BadInput
from tests.support.workloads.builder import Requests
from workloads.analysis.analysis import Analysis
from workloads.analysis.opening import choose_memory, open_analysis
from workloads.levers.registry import LEVERS
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.slow


def requests() -> Requests:
    return Requests(always={"model": "gpt-4o", "fresh_input": 2048, "blocks": ["a", "b"]}).add(0).add(1)


def test_it_opens_a_workload_and_answers(tmp_path: Path) -> None:
    path = requests().write(tmp_path, block_tokens=1024).path
    with open_analysis(path, tmp_path / "run", Assumptions()) as analysis:
        assert analysis.profile().rows == 2
        assert analysis.spend().total == sum(part.cost for part in analysis.spend().by_model)
        assert analysis.prefix_cache().rates[0].hit_tokens == 2048
        assert [one.name for one in analysis.levers()] == list(LEVERS)


def test_it_refuses_what_is_no_workload(tmp_path: Path) -> None:
    (tmp_path / "workload.duckdb").write_text("no database")
    with pytest.raises(BadInput):
        open_analysis(tmp_path / "workload.duckdb", tmp_path / "run", Assumptions())


def test_it_leaves_nothing_open_if_it_cannot_be_priced(tmp_path: Path) -> None:
    path = requests().write(tmp_path).path
    with pytest.raises(BadInput):
        open_analysis(path, tmp_path / "run", Assumptions(assume_model="no-such-model"))
    duckdb.connect(str(path)).close()  # a reader left behind would hold the file


def test_it_names_the_levers_there_are_for_one_there_is_not(tmp_path: Path) -> None:
    with requests().write(tmp_path).analysis() as analysis, pytest.raises(BadInput, match=r"'magic'.*prompt_cache"):
        analysis.estimate("magic")


def test_it_computes_an_estimate_once(tmp_path: Path) -> None:
    with requests().write(tmp_path, block_tokens=1024).analysis() as analysis:
        assert analysis.estimate("prompt_cache") is analysis.estimate("prompt_cache")


def test_it_answers_threads_one_after_the_other(tmp_path: Path) -> None:
    with requests().write(tmp_path, block_tokens=1024).analysis() as analysis, ThreadPoolExecutor(4) as pool:
        reports = [pool.submit(analysis.report, goal_percent=30) for _ in range(8)]
        assert len({one.result().combination for one in reports}) == 1


def test_it_can_be_interrupted_and_answers_again(tmp_path: Path) -> None:
    with requests().write(tmp_path).analysis() as analysis:
        with interrupting(analysis), pytest.raises(duckdb.InterruptException):
            endless(analysis)
        assert analysis.profile().rows == 2


@contextmanager
def interrupting(analysis: Analysis) -> Iterator[None]:
    """Again and again, as a session does: before the statement has begun it hits nothing."""
    over = threading.Event()

    def interrupt() -> None:
        while not over.wait(0.1):
            analysis.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def endless(analysis: Analysis) -> None:
    analysis._priced_log.fetch_all("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b")


def test_two_runs_on_one_file_know_nothing_of_each_other(tmp_path: Path) -> None:
    log = requests().write(tmp_path, block_tokens=1024)
    with (
        open_analysis(log.path, tmp_path / "one", Assumptions()) as one,
        open_analysis(log.path, tmp_path / "two", Assumptions(assume_model="gpt-4o")) as two,
    ):
        one.estimate("prompt_cache")
        assert one.assumptions != two.assumptions
        assert two._priced_log.fetch_all("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'replay'") == [(0,)]


@pytest.mark.parametrize("model", [None, "house-model"])
def test_without_a_price_a_saving_is_unknown_and_not_zero(tmp_path: Path, model: str | None) -> None:
    log = Requests(always={"model": model, "fresh_input": 2048, "ok": False, "prompt_hash": "p"}).add(0).add(1)
    analysis = log.write(tmp_path).analysis()
    found = [analysis.estimate(name) for name in LEVERS]
    assert {one.saving for one in found} == {None}
    assert all(one.unknowns and not one.steps and not one.headline for one in found)
    assert not analysis.combine().waterfall
    assert {step["saving"] for step in analysis.report().to_json()["levers"]} == {None}


def test_a_larger_log_gets_more_memory_but_not_all_of_it(tmp_path: Path) -> None:
    given = []
    for size in (0, 50 << 20, 1 << 34):
        with (tmp_path / "log.duckdb").open("wb") as file:
            file.truncate(size)
        given.append(choose_memory(tmp_path / "log.duckdb"))
    assert given == ["200MB", "250MB", "600MB"]
