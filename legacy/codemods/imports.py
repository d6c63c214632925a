"""The imports: Netra's come, and those that nothing needs any longer go."""

from collections.abc import Sequence
from typing import Any, TypeVar

import libcst as cst
from libcst import matchers as m
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor, ImportItem

from legacy.codemods.shapes import found

Import = TypeVar("Import", cst.Import, cst.ImportFrom)
OURS = (("agents.base", "BaseAgent"), ("agents.brief", "Brief"), ("agents.kit", "Done"))
JSON = ("netra.core.jsonable", "jsonable")
FUTURE = m.ImportFrom(module=m.Name("__future__"))
MODULES = frozenset(module for module, _ in (*OURS, JSON))
CHECKING = m.If(test=m.Name("TYPE_CHECKING") | m.Attribute(attr=m.Name("TYPE_CHECKING")), orelse=None)


def exchanged(tree: cst.Module, before: cst.Module) -> cst.Module:
    """`before` is the file as it was: only what it used and no longer uses is taken out."""
    used = _used(before)
    plain = _without(tree, (used - _used(tree)) | {name for _, name in OURS})
    # An `if TYPE_CHECKING` that was emptied may have been the last to use that name.
    plain = _without(plain, used - _used(plain))
    needed = (*OURS, JSON) if "jsonable" in _used(tree) else OURS
    items = [ImportItem(module, name) for module, name in needed]
    return AddImportsVisitor(CodemodContext(), items).transform_module(plain)


def taken(tree: cst.Module) -> list[cst.CSTNode]:
    """Where the file itself says something else by one of our names: imports of an old BaseAgent aside."""
    ours = {name for _, name in (*OURS, JSON)}
    mine = {
        each
        for line in found(tree, cst.ImportFrom)
        if _module(line) in MODULES
        for each in found(line, cst.ImportAlias)
    }
    names = [each.name for each in found(tree, cst.ClassDef)] + [each.name for each in found(tree, cst.FunctionDef)]
    defined = [each for each in names if each.value in ours]
    assigned = [
        each.target
        for each in found(tree, cst.AssignTarget)
        if isinstance(each.target, cst.Name) and each.target.value in ours
    ]
    imported = [
        each for each in found(tree, cst.ImportAlias) if _local(each) in ours - {"BaseAgent"} and each not in mine
    ]
    return [*defined, *assigned, *imported]


def _without(tree: cst.Module, idle: set[str]) -> cst.Module:
    """Without these imports; Netra's stand where the first of them stood, if that is above all else."""
    body: list[Any] = []
    come = "agents.base" in {_module(each) for each in found(tree, cst.ImportFrom)}
    for statement in tree.body:
        changed = statement.visit(_Removing(idle))
        gone = isinstance(changed, cst.SimpleStatementLine) and not changed.body
        if isinstance(changed, cst.BaseStatement) and not gone:
            body += [] if _emptied(statement, changed) else [changed]
        elif not come and not any(isinstance(each, cst.ClassDef | cst.FunctionDef) for each in body):
            first, *rest = (cst.parse_statement(f"from {module} import {name}") for module, name in OURS)
            above = getattr(statement, "leading_lines", ())
            body, come = [*body, first.with_changes(leading_lines=above), *rest], True
    return tree.with_changes(body=body)


def _emptied(before: cst.CSTNode, after: cst.CSTNode) -> bool:
    return m.matches(after, CHECKING) and bool(found(before, cst.ImportFrom)) and not after.body.body  # type: ignore[attr-defined]


def _module(node: cst.ImportFrom) -> str:
    return cst.Module([]).code_for_node(node.module) if node.module and not node.relative else ""


def _used(tree: cst.Module) -> set[str]:
    aliases = [*found(tree, cst.ImportAlias)]
    imported = {name for each in aliases for name in found(each, cst.Name)}
    said = {each.value for each in found(tree, cst.Name) if each not in imported}
    # What a string says may be an annotation, or __all__.
    return said | {word for each in found(tree, cst.SimpleString) for word in _words(each)}


def _words(node: cst.SimpleString) -> Sequence[str]:
    text = node.evaluated_value
    if not isinstance(text, str) or len(text) > 200 or " " in text.strip():
        return ()
    return "".join(each if each.isidentifier() or each.isdigit() else " " for each in text).split()


def _local(alias: cst.ImportAlias) -> str:
    if alias.asname is not None:
        return cst.ensure_type(alias.asname.name, cst.Name).value
    return alias.evaluated_name.partition(".")[0]


class _Removing(cst.CSTTransformer):
    def __init__(self, idle: set[str]) -> None:
        super().__init__()
        self.idle = idle

    def leave_Import(  # noqa: N802
        self, original_node: cst.Import, updated_node: cst.Import
    ) -> cst.Import | cst.RemovalSentinel:
        kept = self._kept(updated_node.names)
        return self._with(updated_node, kept) if kept else cst.RemoveFromParent()

    def leave_ImportFrom(  # noqa: N802
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        ours = (_module(updated_node) in MODULES) or m.matches(updated_node, FUTURE)
        if ours or isinstance(updated_node.names, cst.ImportStar):
            return updated_node
        kept = self._kept(updated_node.names)
        return self._with(updated_node, kept) if kept else cst.RemoveFromParent()

    def _kept(self, aliases: Sequence[cst.ImportAlias]) -> list[cst.ImportAlias]:
        return [each for each in aliases if _local(each) not in self.idle]

    def _with(self, node: Import, kept: list[cst.ImportAlias]) -> Import:
        if len(kept) == len(node.names):  # type: ignore[arg-type]
            return node
        if not (isinstance(node, cst.ImportFrom) and node.lpar):
            kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return node.with_changes(names=kept)
