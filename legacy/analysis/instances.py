"""Objects that a module keeps: `manager = WebSocketManager()`, and those that are made once by `global`."""

import ast
from collections.abc import Mapping
from types import MappingProxyType

from legacy.analysis.module import Module
from legacy.analysis.names import last
from legacy.analysis.scopes import Named, assigned


def module_instances(module: Module) -> Mapping[str, Named]:
    """Name in the module: its assignment, where it is made by calling something that looks like a class."""
    return MappingProxyType(
        {each.name: each for each in assigned(module.tree.body) if each.value is not None and maker(each.value)}
    )


def maker(expr: ast.expr) -> str:
    """The class that a call makes an object of, by its spelling; else nothing."""
    if not isinstance(expr, ast.Call):
        return ""
    name = last(expr.func).lstrip("_")
    return name if name[:1].isupper() and not name.isupper() else ""
