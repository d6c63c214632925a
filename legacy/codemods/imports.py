"""The imports: Netra's come, and those that nothing needs any longer go."""

from collections.abc import Sequence
from typing import TypeVar

import libcst as cst
from libcst import matchers as m
from libcst.codemod import CodemodContext
from libcst.codemod.visitors import AddImportsVisitor, ImportItem

from legacy.codemods.shapes import found

Import = TypeVar("Import", cst.Import, cst.ImportFrom)
OURS = (("agents.base", "BaseAgent"), ("agents.brief", "Brief"), ("agents.kit", "Done"))


def exchanged(tree: cst.Module, before: cst.Module) -> cst.Module:
    """`before` is the file as it was: only what it used and no longer uses is taken out."""
    idle = (_used(before) - _used(tree)) | {name for _, name in OURS}
    plain = cst.ensure_type(tree.visit(_Removing(idle)), cst.Module)
    items = [ImportItem(module, name) for module, name in OURS]
    return AddImportsVisitor(CodemodContext(), items).transform_module(plain)


def taken(tree: cst.Module) -> list[cst.CSTNode]:
    """Where the file itself says something else by one of our names: imports of an old BaseAgent aside."""
    ours = {name for _, name in OURS}
    names = [each.name for each in found(tree, cst.ClassDef)] + [each.name for each in found(tree, cst.FunctionDef)]
    defined = [each for each in names if each.value in ours]
    assigned = [
        each.target
        for each in found(tree, cst.AssignTarget)
        if isinstance(each.target, cst.Name) and each.target.value in ours
    ]
    imported = [each for each in found(tree, cst.ImportAlias) if _local(each) in ours - {"BaseAgent"}]
    return [*defined, *assigned, *imported]


def _used(tree: cst.Module) -> set[str]:
    imported = {
        name for kind in (cst.Import, cst.ImportFrom) for each in found(tree, kind) for name in found(each, cst.Name)
    }
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

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> cst.Import | cst.RemovalSentinel:  # noqa: N802
        kept = self._kept(updated_node.names)
        return self._with(updated_node, kept) if kept else cst.RemoveFromParent()

    def leave_ImportFrom(  # noqa: N802
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.ImportFrom | cst.RemovalSentinel:
        if isinstance(updated_node.names, cst.ImportStar) or m.matches(
            updated_node, m.ImportFrom(module=m.Name("__future__"))
        ):
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
