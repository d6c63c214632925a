"""What several workers share out among them: all tests, each once, and never two halves of what belongs together."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.distribution import FIRST, ordered, turn


def test_a_modules_tests_stay_together_and_so_do_those_that_share_installations() -> None:
    assert turn("tests/core/test_redaction.py::test_it[a::b]") == "tests/core/test_redaction.py"
    assert turn("tests/faults/test_fuzz.py::test_it") == turn("tests/faults/test_killed.py::test_it")


def test_what_takes_long_comes_first_and_nothing_is_lost() -> None:
    names = [
        "tests/core/test_b.py::b",
        "tests/core/test_a.py::a",
        "tests/browser/test_c.py::c",
        "tests/faults/test_d.py::d",
    ]
    items: list[Any] = [SimpleNamespace(nodeid=name) for name in names]
    assert [item.nodeid for item in ordered(items)] == [names[3], names[2], names[0], names[1]]


def test_what_is_said_to_take_long_is_there(pytestconfig: pytest.Config) -> None:
    assert all((pytestconfig.rootpath / path).exists() for path in FIRST)
