"""The table of mutations and the tests that catch them in docs/security.md, made from the catalog."""

from collections.abc import Sequence

from tests.mutation.mutation import Mutation
from tests.mutation.working_copy import ROOT

DOCUMENT = ROOT / "docs" / "security.md"
BEGIN, END = "<!-- mutations: begin -->\n", "<!-- mutations: end -->"


def update_table(document: str, mutations: Sequence[Mutation]) -> str:
    """The document with the table of today. Raises ValueError where its place is not marked."""
    before, rest = document.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + render_table(mutations) + END + after


def render_table(mutations: Sequence[Mutation]) -> str:
    rows = [f"| {each.name} | `{each.of}` | {_list_tests(each)} | {_describe_run(each)} |\n" for each in mutations]
    return "| bug | put into | caught by | in `make` |\n|---|---|---|---|\n" + "".join(rows)


def _describe_run(mutation: Mutation) -> str:
    return f"{'thorough' if mutation.always else 'soak'}{f', {mutation.only_on} only' if mutation.only_on else ''}"


def _list_tests(mutation: Mutation) -> str:
    return ", ".join("`{}` {}".format(*test.split("::", 1)) for test in mutation.caught_by)
