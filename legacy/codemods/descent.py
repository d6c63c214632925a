"""Which classes of a tree others are built on: bringing such a one over would change the others."""

import ast
import re
import warnings
from collections.abc import Iterable, Mapping

from legacy.codemods.surface import BASES

CLASS = re.compile(rb"^\s*class\s+\w+\s*\(", re.MULTILINE)


def built_on(sources: Iterable[tuple[str, bytes]]) -> Mapping[str, str]:
    """By class name: where the first class stands that is built on it. Files that cannot be parsed say nothing."""
    known: dict[str, str] = {}
    for path, source in sources:
        if CLASS.search(source):
            for name, line in _bases(source):
                known.setdefault(name, f"{path}:{line}")
    return {name: where for name, where in known.items() if name not in BASES}


def _bases(source: bytes) -> list[tuple[str, int]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return []  # said where the file itself is migrated
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    return [(name, node.lineno) for node in classes for base in node.bases if (name := _name(base))]


def _name(base: ast.expr) -> str | None:
    if isinstance(base, ast.Subscript):
        return _name(base.value)
    if isinstance(base, ast.Attribute):
        return base.attr
    return base.id if isinstance(base, ast.Name) else None
