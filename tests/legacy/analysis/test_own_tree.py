"""Netra's own packages have no findings, apart from those suppressed with a reason."""

from pathlib import Path

import pytest

from legacy.analysis.scan import FileSelection, scan_paths

pytestmark = [pytest.mark.slow, pytest.mark.long]

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "package",
    [
        "workloads",
        "tools",
        "agents",
        "realtime",
        "netra",
        "legacy",
    ],
)
def test_a_package_has_no_findings(package: str) -> None:
    found = scan_paths([ROOT / package], FileSelection())
    assert found.files > 1
    assert [f"{each.path}:{each.line} {each.rule.id}" for each in found.findings] == []
