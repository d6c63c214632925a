from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.checks.check import CheckState
from workloads.checks.run_checks import check_context_windows

pytestmark = pytest.mark.slow


def test_it_finds_rows_above_their_models_window(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o"}).add(fresh_input=127_000).add(fresh_input=90_000, cache_read=400_000)
    found = check_context_windows(log.write(tmp_path).priced_log())
    assert found.state is CheckState.FAILED
    assert "1 row has" in found.finding
    assert "490,000, where gpt-4o takes 128,000" in found.finding
    assert found.causes[0].rows == 1


def test_it_passes_below_it_and_does_not_judge_sums_or_unknown_models(tmp_path: Path) -> None:
    states = []
    cases: list[dict[str, Any]] = [
        {"fresh_input": 128_000},
        {"fresh_input": 900_000, "is_sum": True, "requests": 40},
        {"model": "mine"},
    ]
    for number, values in enumerate(cases):
        (folder := tmp_path / str(number)).mkdir()
        log = Requests(always={"model": "gpt-4o"}).add(**values)
        states.append(check_context_windows(log.write(folder).priced_log()).state)
    assert states == [CheckState.PASSED, CheckState.UNKNOWN, CheckState.UNKNOWN]
