from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.analysis.estimate import Basis
from workloads.levers.tier_cliff import LEVER

pytestmark = pytest.mark.slow

D = Decimal
M = 1_000_000


def requests(**values: Any) -> Requests:
    return Requests(always={"model": "claude-sonnet-4-5", "fresh_input": 210_000, "output": 1_000, **values})


def test_a_prompt_just_above_the_limit_is_priced_as_a_whole_at_the_lower_price(tmp_path: Path) -> None:
    found = LEVER.estimate(requests().add().write(tmp_path).priced_log())
    now, then = (210_000 * D(6) + 1_000 * D("22.5")) / M, (200_000 * D(3) + 1_000 * D(15)) / M
    assert found.saving == now - then
    assert (found.basis, found.headline) == (Basis.NEEDS_EVALUATION, False)
    (line,) = found.details
    assert (line["limit"], line["requests"], line["tokens"]) == (200_000, 1, 10_000)


def test_what_was_cached_is_cut_first_and_saves_only_its_read_price(tmp_path: Path) -> None:
    found = LEVER.estimate(requests(fresh_input=10_000, cache_read=200_000).add().write(tmp_path).priced_log())
    now = (10_000 * D(6) + 200_000 * D("0.6") + 1_000 * D("22.5")) / M
    then = (10_000 * D(3) + 190_000 * D("0.3") + 1_000 * D(15)) / M
    assert found.saving == now - then


@pytest.mark.parametrize(
    "other",
    [
        {"fresh_input": 200_000},  # not above it
        {"fresh_input": 220_001},  # too far above it
        {"fresh_input": 5_000, "cache_write": 205_000},  # written to the cache, which is not cut
        {"model": "gpt-4o"},  # without such a price
        {"ok": False},
    ],
)
def test_it_leaves_other_requests_where_they_are(tmp_path: Path, other: dict[str, Any]) -> None:
    found = LEVER.estimate(requests(**other).add().write(tmp_path).priced_log())
    assert found.saving == 0
    assert not found.steps


def test_the_users_own_price_for_all_requests_has_no_limit(tmp_path: Path) -> None:
    found = LEVER.estimate(requests().add().write(tmp_path).priced_log(price_in=D(3), price_out=D(15)))
    assert found.saving == 0
