"""The distribution of tests: those that share a worker of pytest-xdist, and those that begin."""

from collections.abc import Iterable
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

TOGETHER = ("tests/browser/", "tests/faults/")
"""Packages whose files share a browser, servers and installations, which each further worker would start, too."""
LONG = (*TOGETHER, "tests/llm/", "tests/operators/", "tests/netra/", "tests/legacy/", "tests/isolation/")
"""Begun first in this order, so that no worker is left with one of them while the others have ended."""


def build_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """The tests of a file stay together, and those of some packages."""
    scheduler = LoadFileScheduling(config, log)
    scheduler._split_scope = find_scope
    return scheduler


def find_scope(nodeid: str) -> str:
    return find_first(TOGETHER, nodeid) or nodeid.partition("::")[0]


def find_first(packages: Iterable[str], nodeid: str) -> str | None:
    return next((package for package in packages if nodeid.startswith(package)), None)


def put_long_first(items: list[pytest.Item]) -> None:
    """Sort in place, and keep the order within a package."""
    ranks = {package: rank for rank, package in enumerate(LONG)}
    items.sort(key=lambda item: ranks.get(find_first(LONG, item.nodeid) or "", len(LONG)))
