"""Tests that share a browser or servers run in one worker, the longest first."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.distribution import find_scope, put_long_first


@pytest.mark.parametrize(
    ("nodeid", "scope"),
    [
        ("tests/browser/test_a.py::test_b[c::d]", "tests/browser/ before test_m"),
        ("tests/browser/test_live.py::test_b", "tests/browser/ before test_m"),
        ("tests/browser/test_main_path.py::test_b", "tests/browser/ from test_m on"),
        ("tests/faults/test_a.py::test_b", "tests/faults/"),
        ("tests/faults/test_killed.py::test_b", "tests/faults/ on PostgreSQL and Redis"),
        ("tests/faults/test_notifications.py::test_b", "tests/faults/ on PostgreSQL and Redis"),
        ("tests/faults/test_full_disk.py::test_b", "tests/faults/test_full_disk.py"),
        ("tests/core/test_a.py::TestB::test_c", "tests/core/test_a.py"),
    ],
)
def test_a_scope_is_a_package_that_shares_or_a_file(nodeid: str, scope: str) -> None:
    assert find_scope(nodeid) == scope


def test_long_packages_are_first_and_keep_their_order() -> None:
    names = ["tests/a.py::b", "tests/llm/b.py::c", "tests/faults/b.py::c", "tests/llm/a.py::b", "tests/browser/b.py::a"]
    items: list[Any] = [SimpleNamespace(nodeid=name) for name in names]
    put_long_first(items)
    assert [item.nodeid for item in items] == [names[each] for each in (4, 2, 1, 3, 0)]
