"""Changing the statements of a method one by one, wherever they stand."""

from collections.abc import Callable, Sequence
from typing import Any

import libcst as cst

from legacy.codemods.keeping import Keeping

Statements = Sequence[cst.BaseStatement] | None
"""What comes in a statement's place; None: it stays."""

Change = Callable[[cst.CSTNode, Sequence[cst.CSTNode]], Statements]
"""Is given a statement and those that follow it in its block."""


class Rewriting(Keeping):
    """Gives each statement to `change`. An emptied block says `pass`; comments above what goes stay."""

    def __init__(self, change: Change) -> None:
        super().__init__()
        self.change = change

    def leave_IndentedBlock(  # noqa: N802 - libcst's name
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        body: list[Any] = []
        comments: list[cst.EmptyLine] = []
        for number, statement in enumerate(updated_node.body):
            instead = self.change(statement, updated_node.body[number + 1 :])
            if instead is None:
                instead = [statement]
            elif not instead:
                comments += commented(statement)
            if instead and comments:
                instead, comments = [_under(comments, instead[0]), *instead[1:]], []
            body.extend(instead)
        if not body:
            body.append(cst.SimpleStatementLine([cst.Pass()]))
        if len(body) == len(updated_node.body) and all(a is b for a, b in zip(body, updated_node.body, strict=True)):
            return updated_node
        return updated_node.with_changes(body=body, footer=[*comments, *updated_node.footer])


def rewritten(method: cst.FunctionDef, change: Change) -> cst.FunctionDef:
    return cst.ensure_type(method.visit(Rewriting(change)), cst.FunctionDef)


def commented(statement: cst.CSTNode) -> list[cst.EmptyLine]:
    """The comments above a statement."""
    return [each for each in getattr(statement, "leading_lines", ()) if each.comment is not None]


def _under(comments: list[cst.EmptyLine], statement: Any) -> Any:
    return statement.with_changes(leading_lines=[*comments, *statement.leading_lines])
