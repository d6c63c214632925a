"""Netra keeps its own rules: nothing is found in what it runs, or a reason stands beside it."""

from pathlib import Path

import pytest

from legacy.analysis.scan import scan
from legacy.analysis.tree import Selection

ROOT = Path(__file__).parents[3]
WITHOUT_REASON = pytest.mark.xfail(reason="places without a reason beside them yet", strict=True)


@pytest.mark.parametrize(
    "room",
    [
        "workloads",
        "tools",
        "agents",
        "realtime",
        "legacy/analysis",
        "legacy/management",
        pytest.param("netra", marks=WITHOUT_REASON),
        pytest.param("legacy", marks=WITHOUT_REASON),
    ],
)
def test_a_room_has_no_findings(room: str) -> None:
    found = scan([ROOT / room], Selection())
    assert found.files > 1
    assert [f"{each.path}:{each.line} {each.rule.id}" for each in found.findings] == []
