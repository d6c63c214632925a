"""Bugs are put into a copy of the tree, one at a time: the test that is named for each must fail there, and all of them
pass without."""

from pathlib import Path

import pytest
from django.db import connection

from tests.teeth.bug import Bug, broken, read
from tests.teeth.bugs.catalog import BUGS
from tests.teeth.tree import ROOT, bitten, copied, ran

ALWAYS = [bug for bug in BUGS if bug.always]
REST = [bug for bug in BUGS if not bug.always and bug.only_on in ("", connection.vendor)]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("tree"))


def catchers(bugs: list[Bug]) -> list[str]:
    return list(dict.fromkeys(test for bug in bugs for test in bug.caught_by))


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_it_can_still_be_put_in(bug: Bug) -> None:
    compile(broken(read(ROOT, bug), bug), bug.file, "exec")


def test_there_are_enough_and_each_once() -> None:
    names = [bug.name for bug in BUGS]
    assert len(names) == len(set(names)) >= 20
    assert len(ALWAYS) == 5


def _passes(tree: Path, bugs: list[Bug]) -> None:
    done = ran(tree, catchers(bugs))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout


def _fails(tree: Path, bug: Bug) -> None:
    with bitten(tree, bug):
        done = ran(tree, bug.caught_by)
    # 1 and a failure: tests ran and did not hold. All else (no such test, no import) catches nothing.
    assert (done.returncode, " failed" in done.stdout) == (1, True), done.stdout + done.stderr


def test_without_a_bug_their_catchers_pass(tree: Path) -> None:
    _passes(tree, ALWAYS)


@pytest.mark.parametrize("bug", ALWAYS, ids=lambda bug: bug.name)
def test_it_is_caught(tree: Path, bug: Bug) -> None:
    _fails(tree, bug)


@pytest.mark.soak
def test_without_a_bug_the_other_catchers_pass(tree: Path) -> None:
    _passes(tree, REST)


@pytest.mark.soak
@pytest.mark.parametrize("bug", REST, ids=lambda bug: bug.name)
def test_one_of_the_others_is_caught(tree: Path, bug: Bug) -> None:
    _fails(tree, bug)
