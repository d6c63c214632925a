"""The limits of child processes for runs and for requests."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.conftest import People
from tests.support.running_worker import import_log, log_file
from workloads import log_queries
from workloads.analysis.analysis import Analysis
from workloads.analysis.calculator import open_analysis_in_child
from workloads.child_process import ANALYSIS_SECONDS, DEFAULT_LIMITS, ProcessLimits, fit_analysis, fit_request


def test_what_a_request_asks_has_the_seconds_of_the_request() -> None:
    for size in (0, 10**9):
        fitted = fit_request(DEFAULT_LIMITS, size, 60)
        assert (fitted.seconds, fitted.cpu) == (60, 120)
        assert fitted.scratch == fit_analysis(DEFAULT_LIMITS, size).scratch
    assert fit_request(DEFAULT_LIMITS, 0, 10**6).seconds == ANALYSIS_SECONDS


@pytest.mark.django_db(transaction=True)
def test_a_query_over_rest_is_computed_within_them(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[ProcessLimits] = []

    def open_noting(*args: object, limits: ProcessLimits, **options: object) -> Analysis:
        given.append(limits)
        return open_analysis_in_child(*args, limits=limits, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("workloads.log_queries.open_analysis_in_child", open_noting)
    log = import_log(people.owner, log_file(tmp_path / "logs", feature="mine"), tmp_path)
    described = log_queries.answer_query(
        people.owner.id,
        log.id,
        Analysis.describe_log,
        data_dir=tmp_path,
        temp=tmp_path / "scratch" / str(uuid4()),
        limits=DEFAULT_LIMITS,
        seconds=7,
    )
    assert described.rows == 20
    assert [limits.seconds for limits in given] == [7]
