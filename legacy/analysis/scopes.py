"""Bindings of modules and classes, mutable values, and objects that a module creates once."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from legacy.analysis.identifiers import get_last_identifier
from legacy.analysis.parsing import ParsedModule

_MUTABLE_TYPES = frozenset(
    [
        "dict",
        "list",
        "set",
        "defaultdict",
        "OrderedDict",
        "deque",
        "Counter",
        "ChainMap",
        "bytearray",
        "WeakKeyDictionary",
        "WeakValueDictionary",
        "WeakSet",
        "TTLCache",
        "LRUCache",
        "LFUCache",
        "Cache",
        "Queue",
        "LifoQueue",
        "PriorityQueue",
        "SimpleQueue",
    ]
)
_BLOCK_NODES = (ast.If, ast.Try, ast.With)


def is_mutable(expr: ast.expr | None) -> bool:
    if isinstance(expr, ast.Dict | ast.List | ast.Set | ast.DictComp | ast.ListComp | ast.SetComp):
        return True
    if not isinstance(expr, ast.Call):
        return False
    constructor = expr.func.value if isinstance(expr.func, ast.Subscript) else expr.func
    return get_last_identifier(constructor) in _MUTABLE_TYPES


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    name: str
    node: ast.stmt
    value: ast.expr | None
    annotation: ast.expr | None


def find_bindings(body: list[ast.stmt]) -> Iterator[Binding]:
    """Yield the assignments in a module's or class's body, also those under `if`, `try` and `with`."""
    for each in body:
        if isinstance(each, ast.Assign):
            for target in each.targets:
                if isinstance(target, ast.Name):
                    yield Binding(name=target.id, node=each, value=each.value, annotation=None)
        elif isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield Binding(name=each.target.id, node=each, value=each.value, annotation=each.annotation)
        elif isinstance(each, _BLOCK_NODES) and not _is_main_guard(each):
            yield from find_bindings(each.body)
            if not isinstance(each, ast.With):
                yield from find_bindings(each.orelse)
            if isinstance(each, ast.Try):
                for handler in each.handlers:
                    yield from find_bindings(handler.body)


def _is_main_guard(block: ast.stmt) -> bool:
    """`if __name__ == "__main__":`, whose names do not exist when the module is imported."""
    return isinstance(block, ast.If) and "__name__" in {
        each.id for each in ast.walk(block.test) if isinstance(each, ast.Name)
    }


def list_methods(klass: ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (each for each in klass.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef))


def list_parameters(function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[ast.arg]:
    arguments = function.args
    more = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *more]


def list_optional_parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """Return the parameters with a default."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    with_default = positional[len(positional) - len(arguments.defaults) :]
    keyword_only = [
        each for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default is not None
    ]
    return frozenset(each.arg for each in [*with_default, *keyword_only])


def list_decorators(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.expr]:
    return [each.func if isinstance(each, ast.Call) else each for each in node.decorator_list]


def find_module_instances(module: ParsedModule) -> Mapping[str, Binding]:
    """Map names of the module to their assignments, if a call of something that looks like a class creates them."""
    return MappingProxyType(
        {
            each.name: each
            for each in find_bindings(module.tree.body)
            if each.value is not None and get_constructed_class(each.value)
        }
    )


def get_constructed_class(expr: ast.expr) -> str:
    """Return the class that a call creates an instance of, as its spelling suggests; else ""."""
    if not isinstance(expr, ast.Call):
        return ""
    name = get_last_identifier(expr.func).lstrip("_")
    return name if name[:1].isupper() and not name.isupper() else ""
