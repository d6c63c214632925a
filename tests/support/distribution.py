"""Which tests several workers (pytest-xdist) may share out among them, and which come first.

A module's tests stay together: they share a server. What takes long begins first, so that no worker waits for another
at the end.
"""

from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

TOGETHER = ("tests/faults/",)
"""Packages that share installations; no two of their tests run at once, since they measure time and memory."""

FIRST = (
    "tests/faults/",
    "tests/netra/management/test_run.py",
    "tests/browser/",
    "tests/operators/isolation_test/",
    "tests/netra/management/test_optimize.py",
    "tests/netra/bootstrap/",
    "tests/test_recipes.py",
    "tests/llm/",
)
"""What takes longest; all else is small enough to fill the gaps."""


class Turns(LoadScopeScheduling):  # type: ignore[misc]
    """A worker takes a module, or a package of TOGETHER."""

    def _split_scope(self, nodeid: str) -> str:
        return turn(nodeid)


def turn(nodeid: str) -> str:
    """What a test is given out with."""
    module = nodeid.partition("::")[0]
    return next((package for package in TOGETHER if module.startswith(package)), module)


def ordered(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The long ones first, all else as it was."""
    return sorted(items, key=lambda item: _rank(item.nodeid))


def _rank(nodeid: str) -> int:
    return next((rank for rank, start in enumerate(FIRST) if nodeid.startswith(start)), len(FIRST))
