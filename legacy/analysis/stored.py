"""What methods put on their objects, where the objects outlive a request."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from legacy.analysis.finding import Confidence
from legacy.analysis.lifetimes import outlives_a_request
from legacy.analysis.module import Module, NamedFunction
from legacy.analysis.names import dotted, names_user, words
from legacy.analysis.scopes import methods, optional, parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """`self.attribute = value` in a method of a class that outlives requests."""

    node: ast.Assign | ast.AnnAssign
    attribute: str
    value: ast.expr
    klass: ast.ClassDef
    method: NamedFunction
    lifetime: Confidence

    @property
    def at_birth(self) -> bool:
        return self.method.name in {"__init__", "__post_init__", "__new__"}

    @property
    def required(self) -> bool:
        """Whether the object cannot be made without it: then it belongs to whom it was made for."""
        if not self.at_birth or not isinstance(self.value, ast.Name):
            return False
        taken = {each.arg for each in parameters(self.method)}
        return self.value.id in taken and self.value.id not in optional(self.method)


def stored(module: Module) -> Iterator[Stored]:
    lifetimes: dict[ast.ClassDef, Confidence | None] = {}
    for node, target, value in _assignments(module):
        if not isinstance(target, ast.Attribute) or dotted(target.value) != "self":
            continue
        klass, method = module.klass(node), module.named_function(node)
        if klass is None or method is None:
            continue
        if klass not in lifetimes:
            lifetimes[klass] = _lifetime(module, klass)
        lifetime = lifetimes[klass]
        if lifetime is not None:
            yield Stored(node=node, attribute=target.attr, value=value, klass=klass, method=method, lifetime=lifetime)


def _lifetime(module: Module, klass: ast.ClassDef) -> Confidence | None:
    """None also where the constructor cannot do without a user or a context: then it is made for one."""
    found = outlives_a_request(module, klass)
    if found is Confidence.HIGH:
        return found
    required = [
        each.arg
        for method in methods(klass)
        if method.name == "__init__"
        for each in parameters(method)
        if each.arg not in optional(method)
    ]
    of_one = any(names_user(name) or words(name)[-1:] in {("context",), ("ctx",)} for name in required)
    return None if of_one else found


def _assignments(module: Module) -> Iterator[tuple[ast.Assign | ast.AnnAssign, ast.expr, ast.expr]]:
    for each in module.every(ast.Assign):
        for target in each.targets:
            yield each, target, each.value
    for annotated in module.every(ast.AnnAssign):
        if annotated.value is not None:
            yield annotated, annotated.target, annotated.value
