"""A mutation finds its place in the syntax tree, and fails without one."""

import ast
from textwrap import dedent

import pytest

from tests.mutation.changes import (
    Change,
    MutationError,
    add_to_module,
    combine,
    drop_keyword,
    edit_text,
    ignore_owner,
    remove,
    replace,
    return_only,
)
from tests.mutation.mutation import find_scope

SOURCE = '''
"""A module."""

def other(rows):
    return rows.get(1)

class Reader:
    async def read(self, user_id):
        """Read."""
        found = Run.objects.for_user(
            user_id,  # theirs
        ).filter(state="open", hidden=False)
        await self.check(found)
        if found.epoch != self.epoch or found.seq < 1:
            return None
        return query("SELECT 1 WHERE owner = %s", found)
'''


def mutate(change: Change, of: str = "Reader.read") -> str:
    module = ast.parse(SOURCE)
    change(module, find_scope(module, of))
    return ast.unparse(module)


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        (replace("$row.epoch != self.epoch", "False"), "if False or found.seq < 1:"),
        (replace("$row.epoch != self.epoch or $row.seq < 1", "not $row"), "if not found:"),
        (replace("$rows.filter(..., hidden=$is_hidden)", "$rows.exclude(...)"), ".exclude(state='open')"),
        (replace("query($sql, ...)", "run($sql, ...)"), "run('SELECT 1 WHERE owner = %s', found)"),
        (replace("found = $rows", "found = list($rows)"), "found = list(Run.objects"),
        (replace("found", "row", everywhere=True), "await self.check(row)"),
        (ignore_owner("Run"), "Run.objects.all().filter("),
        (remove("await self.check(...)"), "pass"),
        (return_only("None"), "async def read(self, user_id):\n        return None"),
        (drop_keyword("hidden"), ".filter(state='open')"),
        (edit_text("owner = %s", "TRUE"), "'SELECT 1 WHERE TRUE'"),
        (combine(add_to_module("SHARED = {}"), replace("self.epoch", "SHARED")), '"""A module."""\nSHARED = {}\n'),
    ],
)
def test_it_changes_one_place_however_that_is_formatted(change: Change, changed: str) -> None:
    assert changed in mutate(change)


@pytest.mark.parametrize(
    "change",
    [
        replace("$row.epoch == self.epoch", "True"),
        replace("$row.epoch != $row.epoch", "True"),
        replace("found", "None"),
        replace("$rows.get(1)", "None"),  # of another function
        remove("self.check(...)"),  # without its await
        remove("return $value"),  # two
        drop_keyword("owner"),
        edit_text("e", "f"),
        ignore_owner("Step", everywhere=True),
    ],
)
def test_a_place_that_is_not_there_once_is_an_error(change: Change) -> None:
    with pytest.raises(MutationError):
        mutate(change)


@pytest.mark.parametrize("of", ["read", "Reader.write", "Reader.read.found"])
def test_a_function_that_is_not_there_is_an_error(of: str) -> None:
    with pytest.raises(MutationError):
        mutate(return_only("None"), of)


def test_a_function_that_is_there_twice_is_an_error() -> None:
    module = ast.parse(dedent("if True:\n    def read(): ...\nelse:\n    def read(): ..."))
    with pytest.raises(MutationError):
        find_scope(module, "read")


def test_only_a_function_returns_something() -> None:
    with pytest.raises(MutationError):
        mutate(return_only("None"), "Reader")
