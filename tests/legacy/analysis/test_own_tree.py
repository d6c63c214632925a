"""Netra keeps its own rules: nothing is found in what it runs, or a reason stands beside it."""

from pathlib import Path

import pytest

from legacy.analysis.scan import FileSelection, scan_paths

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "room",
    [
        "workloads",
        "tools",
        "agents",
        "realtime",
        "netra",
        "legacy",
    ],
)
def test_a_room_has_no_findings(room: str) -> None:
    found = scan_paths([ROOT / room], FileSelection())
    assert found.files > 1
    assert [f"{each.path}:{each.line} {each.rule.id}" for each in found.findings] == []
