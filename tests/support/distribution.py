"""The distribution of tests: those that share a worker of pytest-xdist, and those that begin."""

from collections.abc import Iterable
from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

BROWSER, FAULTS = "tests/browser/", "tests/faults/"
"""Packages whose files share a browser, servers and installations, which each further worker starts, too: browser tests
are two scopes, each of about half of their time, and faults one for each installation that several files share."""
SECOND_HALF = f"{BROWSER}test_m"
"""The first name of the second half."""
SCALED_OUT = (f"{FAULTS}test_killed.py", f"{FAULTS}test_notifications.py")
ALONE = (f"{FAULTS}test_full_disk.py",)
LONG = (BROWSER, FAULTS, "tests/llm/", "tests/operators/", "tests/netra/", "tests/legacy/", "tests/isolation/")
"""Begun first in this order, so that no worker is left with one of them while the others have ended."""


def build_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """The tests of a file stay together, and those of some files."""
    scheduler = LoadFileScheduling(config, log)
    scheduler._split_scope = find_scope
    return scheduler


def find_scope(nodeid: str) -> str:
    if nodeid.startswith(BROWSER):
        return f"{BROWSER} from test_m on" if nodeid >= SECOND_HALF else f"{BROWSER} before test_m"
    if nodeid.startswith(SCALED_OUT):
        return f"{FAULTS} on PostgreSQL and Redis"
    if nodeid.startswith(FAULTS) and not nodeid.startswith(ALONE):
        return FAULTS
    return nodeid.partition("::")[0]


def find_first(packages: Iterable[str], nodeid: str) -> str | None:
    return next((package for package in packages if nodeid.startswith(package)), None)


def put_long_first(items: list[pytest.Item]) -> None:
    """Sort in place, and keep the order within a package."""
    ranks = {package: rank for rank, package in enumerate(LONG)}
    items.sort(key=lambda item: ranks.get(find_first(LONG, item.nodeid) or "", len(LONG)))
