from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.checks.check import CheckState
from workloads.checks.run_checks import check_token_totals

pytestmark = pytest.mark.slow

BUCKETS = {"fresh_input": 5000, "cache_read": 3000, "cache_write": 200, "output": 700, "reasoning": 90}
ALL = 5000 + 3000 + 200 + 700


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (ALL - 3200, "cached tokens were read beside the input, but the total has them inside"),
        (ALL + 3200, "cached tokens were read inside the input"),
        (ALL - 90, "reasoning tokens were read beside the output"),
        (ALL + 90, "reasoning tokens are not in the output"),
        (ALL - 700, "the total leaves out the output"),
        (ALL + 1234, "the total has tokens of a kind that was not read"),
        (ALL - 1234, "the columns that were read have more tokens than the total"),
    ],
)
def test_it_says_how_a_total_differs(tmp_path: Path, total: int, words: str) -> None:
    log = Requests(always={"model": "gpt-4o", **BUCKETS}).add(logged_tokens=total).add(logged_tokens=total)
    found = check_token_totals(log.write(tmp_path).priced_log())
    assert found.state is CheckState.FAILED
    assert (found.causes[0].tokens, found.causes[0].rows) == (2 * (total - ALL), 2)
    assert found.causes[0].what.startswith(words)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({**BUCKETS, "logged_tokens": ALL}, CheckState.PASSED),
        ({**BUCKETS, "fresh_input": 100, "logged_tokens": 800}, CheckState.PASSED),  # cached tokens can't be inside
        (BUCKETS, CheckState.UNKNOWN),
    ],
)
def test_it_passes_where_totals_agree(tmp_path: Path, values: dict[str, Any], state: CheckState) -> None:
    log = Requests(always={"model": "gpt-4o"}).add(**values)
    assert check_token_totals(log.write(tmp_path).priced_log()).state is state


def test_a_few_tokens_of_many_are_no_failure(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1000}).add(logged_tokens=1001)
    for _ in range(9):
        log.add(logged_tokens=1000)
    assert check_token_totals(log.write(tmp_path).priced_log()).state is CheckState.PASSED
