"""Each lever declares the kind of change that it makes; a question that excludes it gets nothing from that lever."""

from pathlib import Path

import pytest

from tests.support.workloads.builder import Requests
from workloads.levers.registry import LEVERS
from workloads.pricing.constraints import Constraints, ExcludedChange

pytestmark = pytest.mark.slow

CHANGES = {
    ExcludedChange.MODELS: {"right_size"},
    ExcludedChange.CACHES: {"prompt_cache", "response_cache"},
    ExcludedChange.BATCHES: {"batch", "flex", "off_peak", "priority"},
    ExcludedChange.LENGTHS: {"output_length", "context_length", "tier_cliff"},
    None: {
        "retries",
        "provisioned",
    },
}


def test_each_lever_declares_its_change() -> None:
    found: dict[ExcludedChange | None, set[str]] = {}
    for name, lever in LEVERS.items():
        found.setdefault(lever.change, set()).add(name)
    assert found == CHANGES


@pytest.mark.parametrize("change", list(ExcludedChange))
def test_an_excluded_change_saves_nothing_in_any_lever(change: ExcludedChange, tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-5", "feature": "night", "ok": True})
    for night in range(12):
        for second in range(30):
            log.add(night * 86_400 + second, fresh_input=4_000, output=50 if second else 9_000)
    with log.write(tmp_path).analysis(constraints=Constraints(excluded=(change,))) as analysis:
        combination = analysis.combine()
        for name in CHANGES[change]:
            estimate = analysis.estimate(name)
            assert not estimate.saving
            assert not estimate.headline
        touched = {step.lever for step in combination.waterfall} | {one.lever for one in combination.candidates}
        assert not touched & CHANGES[change]
