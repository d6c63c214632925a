"""Each mutation is put into a copy of the tree: the tests that are named for it must fail there, and all of them pass
without."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection

from tests.mutation.catalog import MUTATIONS
from tests.mutation.mutation import Mutation, list_missing_tests
from tests.mutation.working_copy import ROOT, apply_mutation, copy_tree, run_tests

ALWAYS = [each for each in MUTATIONS if each.always]
# On PostgreSQL, row-level security would hold back most of what the bugs in front of it let through.
WHERE = ("postgresql",) if connection.vendor == "postgresql" else ("", "sqlite")
OTHERS = [each for each in MUTATIONS if not each.always and each.only_on in WHERE]

each_of_all = pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_tree(tmp_path_factory.mktemp("tree"))


@each_of_all
def test_it_can_be_put_in(mutation: Mutation) -> None:
    compile(mutation.mutate(ROOT), mutation.file, "exec")


@pytest.mark.slow
def test_the_tests_that_catch_them_exist() -> None:
    assert [test for each in MUTATIONS for test in list_missing_tests(each, ROOT)] == []


@pytest.mark.parametrize("test", ["core/test_db.py::test_no_such_name", "core/test_no_such_file.py::test_it"])
def test_a_test_that_does_not_exist_is_noticed(test: str) -> None:
    assert list_missing_tests(replace(MUTATIONS[0], caught_by=(test,)), ROOT) == [test]


@pytest.mark.slow
def test_no_mutation_uses_a_name_that_is_not_there(tmp_path: Path) -> None:
    """It would be caught whatever it changed."""
    for place, mutation in enumerate(MUTATIONS):
        (tmp_path / f"mutation_{place}.py").write_text(mutation.mutate(ROOT), encoding="utf-8")
    check = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821", "--output-format", "concise"]
    done = subprocess.run([*check, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_has_a_name_of_its_own() -> None:
    names = [each.name for each in MUTATIONS]
    assert len(names) == len(set(names))


def _check_without(tree: Path, mutations: list[Mutation]) -> None:
    done = run_tests(tree, list(dict.fromkeys(test for each in mutations for test in each.caught_by)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout


def _check_with(tree: Path, mutation: Mutation) -> None:
    with apply_mutation(tree, mutation):
        done = run_tests(tree, mutation.caught_by)
    # 1 and a failure: tests ran and did not hold. All else (no such test, no import) catches nothing.
    assert (done.returncode, " failed" in done.stdout) == (1, True), done.stdout + done.stderr


@pytest.mark.long
@pytest.mark.slow
def test_without_a_bug_their_tests_pass(tree: Path) -> None:
    _check_without(tree, ALWAYS)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("mutation", ALWAYS, ids=lambda mutation: mutation.name)
def test_it_is_caught(tree: Path, mutation: Mutation) -> None:
    _check_with(tree, mutation)


@pytest.mark.soak
def test_without_a_bug_the_others_tests_pass(tree: Path) -> None:
    _check_without(tree, OTHERS)


@pytest.mark.soak
@pytest.mark.parametrize("mutation", OTHERS, ids=lambda mutation: mutation.name)
def test_one_of_the_others_is_caught(tree: Path, mutation: Mutation) -> None:
    _check_with(tree, mutation)
