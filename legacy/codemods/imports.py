"""Add Netra's imports and remove those that are no longer used."""

from collections.abc import Sequence
from typing import Any, TypeVar

import libcst as cst
from libcst import matchers as m
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor, ImportItem

from legacy.codemods.syntax import find_nodes

ImportNode = TypeVar("ImportNode", cst.Import, cst.ImportFrom)
NETRA_IMPORTS = (
    ("agents.framework.agent", "BaseAgent"),
    ("agents.framework.deps", "AgentResult"),
    ("agents.framework.deps", "RunInput"),
)
TO_JSONABLE_IMPORT = ("core.json_data", "to_jsonable")
FUTURE_IMPORT = m.ImportFrom(module=m.Name("__future__"))
NETRA_MODULES = frozenset(module for module, _ in (*NETRA_IMPORTS, TO_JSONABLE_IMPORT))
TYPE_CHECKING_BLOCK = m.If(test=m.Name("TYPE_CHECKING") | m.Attribute(attr=m.Name("TYPE_CHECKING")), orelse=None)


def replace_imports(tree: cst.Module, before: cst.Module) -> cst.Module:
    """Remove the imports that `before`, the original file, used and `tree` does not, and add Netra's."""
    used = _find_used_names(before)
    plain = _remove_imports(tree, (used - _find_used_names(tree)) | {name for _, name in NETRA_IMPORTS})
    # An `if TYPE_CHECKING` block that is now empty may have been the last use of that name.
    plain = _remove_imports(plain, used - _find_used_names(plain))
    needed = (*NETRA_IMPORTS, TO_JSONABLE_IMPORT) if "to_jsonable" in _find_used_names(tree) else NETRA_IMPORTS
    items = [ImportItem(module, name) for module, name in needed]
    return AddImportsVisitor(CodemodContext(), items).transform_module(plain)


def find_name_clashes(tree: cst.Module) -> list[cst.CSTNode]:
    """Return where the file uses one of Netra's names for something else. A legacy BaseAgent is none of these."""
    netra_names = {name for _, name in (*NETRA_IMPORTS, TO_JSONABLE_IMPORT)}
    netra_aliases = {
        each
        for line in find_nodes(tree, cst.ImportFrom)
        if _get_module_name(line) in NETRA_MODULES
        for each in find_nodes(line, cst.ImportAlias)
    }
    names = [each.name for each in find_nodes(tree, cst.ClassDef)] + [
        each.name for each in find_nodes(tree, cst.FunctionDef)
    ]
    defined = [each for each in names if each.value in netra_names]
    assigned = [
        each.target
        for each in find_nodes(tree, cst.AssignTarget)
        if isinstance(each.target, cst.Name) and each.target.value in netra_names
    ]
    imported = [
        each
        for each in find_nodes(tree, cst.ImportAlias)
        if _get_local_name(each) in netra_names - {"BaseAgent"} and each not in netra_aliases
    ]
    return [*defined, *assigned, *imported]


def _remove_imports(tree: cst.Module, unused: set[str]) -> cst.Module:
    """Remove these imports. Netra's take the place of the first one, if no class or function is above it."""
    body: list[Any] = []
    is_added = "agents.framework.agent" in {_get_module_name(each) for each in find_nodes(tree, cst.ImportFrom)}
    for statement in tree.body:
        changed = statement.visit(_ImportRemover(unused))
        is_removed = isinstance(changed, cst.SimpleStatementLine) and not changed.body
        if isinstance(changed, cst.BaseStatement) and not is_removed:
            body += [] if _is_emptied_block(statement, changed) else [changed]
        elif not is_added and not any(isinstance(each, cst.ClassDef | cst.FunctionDef) for each in body):
            first, *rest = (cst.parse_statement(line) for line in _list_import_lines())
            above = getattr(statement, "leading_lines", ())
            body, is_added = [*body, first.with_changes(leading_lines=above), *rest], True
    return tree.with_changes(body=body)


def _list_import_lines() -> list[str]:
    names: dict[str, list[str]] = {}
    for module, name in NETRA_IMPORTS:
        names.setdefault(module, []).append(name)
    return [f"from {module} import {', '.join(each)}" for module, each in names.items()]


def _is_emptied_block(before: cst.CSTNode, after: cst.CSTNode) -> bool:
    return m.matches(after, TYPE_CHECKING_BLOCK) and bool(find_nodes(before, cst.ImportFrom)) and not after.body.body  # type: ignore[attr-defined]


def _get_module_name(node: cst.ImportFrom) -> str:
    return cst.Module([]).code_for_node(node.module) if node.module and not node.relative else ""


def _find_used_names(tree: cst.Module) -> set[str]:
    aliases = [*find_nodes(tree, cst.ImportAlias)]
    imported = {name for each in aliases for name in find_nodes(each, cst.Name)}
    names = {each.value for each in find_nodes(tree, cst.Name) if each not in imported}
    # A string may be an annotation, or a name in __all__.
    return names | {word for each in find_nodes(tree, cst.SimpleString) for word in _parse_names_in_string(each)}


def _parse_names_in_string(node: cst.SimpleString) -> Sequence[str]:
    text = node.evaluated_value
    if not isinstance(text, str) or len(text) > 200 or " " in text.strip():
        return ()
    return "".join(each if each.isidentifier() or each.isdigit() else " " for each in text).split()


def _get_local_name(alias: cst.ImportAlias) -> str:
    if alias.asname is not None:
        return cst.ensure_type(alias.asname.name, cst.Name).value
    return alias.evaluated_name.partition(".")[0]


class _ImportRemover(cst.CSTTransformer):
    def __init__(self, unused_names: set[str]) -> None:
        super().__init__()
        self.unused_names = unused_names

    def leave_Import(  # noqa: N802
        self, original_node: cst.Import, updated_node: cst.Import
    ) -> cst.Import | cst.RemovalSentinel:
        remaining = self._list_remaining_aliases(updated_node.names)
        return self._replace_aliases(updated_node, remaining) if remaining else cst.RemoveFromParent()

    def leave_ImportFrom(  # noqa: N802
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        keeps_all = (_get_module_name(updated_node) in NETRA_MODULES) or m.matches(updated_node, FUTURE_IMPORT)
        if keeps_all or isinstance(updated_node.names, cst.ImportStar):
            return updated_node
        remaining = self._list_remaining_aliases(updated_node.names)
        return self._replace_aliases(updated_node, remaining) if remaining else cst.RemoveFromParent()

    def _list_remaining_aliases(self, aliases: Sequence[cst.ImportAlias]) -> list[cst.ImportAlias]:
        return [each for each in aliases if _get_local_name(each) not in self.unused_names]

    def _replace_aliases(self, node: ImportNode, remaining: list[cst.ImportAlias]) -> ImportNode:
        if len(remaining) == len(node.names):  # type: ignore[arg-type]
            return node
        if not (isinstance(node, cst.ImportFrom) and node.lpar):
            remaining[-1] = remaining[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return node.with_changes(names=remaining)
