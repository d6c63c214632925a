"""Changing the statements of a method one by one, wherever they stand."""

from collections.abc import Callable, Sequence

import libcst as cst

Statements = Sequence[cst.BaseStatement] | None
"""What comes in a statement's place; None: it stays."""


class Rewriting(cst.CSTTransformer):
    """Gives each whole line, and each `if`, to `change`. An emptied block says `pass`."""

    def __init__(self, change: Callable[[cst.CSTNode, Sequence[cst.CSTNode]], Statements]) -> None:
        super().__init__()
        self.change = change

    def leave_IndentedBlock(  # noqa: N802 - libcst's name
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        body: list[cst.BaseStatement] = []
        for number, statement in enumerate(updated_node.body):
            instead = self.change(statement, updated_node.body[number + 1 :])
            body.extend([statement] if instead is None else instead)
        if len(body) == len(updated_node.body) and all(a is b for a, b in zip(body, updated_node.body, strict=True)):
            return updated_node
        return updated_node.with_changes(body=body or [cst.SimpleStatementLine([cst.Pass()])])


def rewritten(
    method: cst.FunctionDef, change: Callable[[cst.CSTNode, Sequence[cst.CSTNode]], Statements]
) -> cst.FunctionDef:
    return cst.ensure_type(method.visit(Rewriting(change)), cst.FunctionDef)
