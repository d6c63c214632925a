"""Whether objects of a class outlive a request, and the attributes that methods set on such objects."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from legacy.analysis.findings import Confidence
from legacy.analysis.identifiers import get_last_identifier, is_user_name, split_words, to_dotted_name
from legacy.analysis.parsing import NamedFunction, ParsedModule
from legacy.analysis.scopes import (
    find_module_instances,
    get_constructed_class,
    list_decorators,
    list_methods,
    list_optional_parameters,
    list_parameters,
)

_LONG_LIVED_ROLES = frozenset(
    [
        "agent",
        "manager",
        "dispatcher",
        "supervisor",
        "orchestrator",
        "coordinator",
        "registry",
        "bridge",
        "hub",
        "pool",
        "broker",
        "scheduler",
    ]
)
_SHORT_LIVED_WORDS = frozenset(
    [
        "user",
        "request",
        "run",
        "session",
        "context",
        "connection",
        "consumer",
        "scoped",
        "test",
        "fake",
        "mock",
        "dummy",
    ]
)
_VALUE_BASES = frozenset({"BaseModel", "BaseSettings", "Model", "Protocol", "TypedDict", "NamedTuple", "Enum"})
_IGNORED_SUFFIXES = frozenset({"base", "impl", "mixin", "abstract", "v", "legacy", "core"})


def rate_long_lived(module: ParsedModule, klass: ast.ClassDef) -> Confidence | None:
    """HIGH: this file shows it. MEDIUM: the class's name ends in a role such as agent or manager."""
    if is_process_wide(module, klass):
        return Confidence.HIGH
    if _is_value_class(klass) or _SHORT_LIVED_WORDS & set(split_words(klass.name)):
        return None
    return (
        Confidence.MEDIUM
        if _has_long_lived_role(klass.name)
        or any(_has_long_lived_role(get_last_identifier(base)) for base in klass.bases)
        else None
    )


def is_process_wide(module: ParsedModule, klass: ast.ClassDef) -> bool:
    """Whether this file creates one instance for the process."""
    if any(
        get_constructed_class(each.value) == klass.name for each in find_module_instances(module).values() if each.value
    ):
        return True
    if any("singleton" in split_words(get_last_identifier(each)) for each in list_decorators(klass)):
        return True
    if any(
        "singleton" in split_words(get_last_identifier(each.value))
        for each in klass.keywords
        if each.arg == "metaclass"
    ):
        return True
    return any(each.name == "__new__" and is_caching_constructor(each) for each in list_methods(klass))


def is_caching_constructor(new: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a `__new__` or `__call__` stores an object on the class."""
    owners = {"cls", "self", "mcs", "type"} | {each.arg for each in new.args.args[:1]}
    for node in ast.walk(new):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            inner = target.value if isinstance(target, ast.Subscript) else target
            if isinstance(inner, ast.Attribute) and _is_instance_name(inner.attr) and _get_owner_name(inner) in owners:
                return True
    return False


def _is_instance_name(name: str) -> bool:
    return bool({"instance", "instances", "singleton", "inst", "shared"} & set(split_words(name)))


def _get_owner_name(expr: ast.Attribute) -> str:
    return get_last_identifier(expr.value)


def _has_long_lived_role(name: str) -> bool:
    found = [word for word in split_words(name) if word not in _IGNORED_SUFFIXES]
    return bool(found) and found[-1] in _LONG_LIVED_ROLES


def _is_value_class(klass: ast.ClassDef) -> bool:
    return any(
        get_last_identifier(each) in {"dataclass", "define", "frozen"} for each in list_decorators(klass)
    ) or any(get_last_identifier(base) in _VALUE_BASES for base in klass.bases)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAttribute:
    """`self.attribute = value` in a method of a class that outlives requests."""

    node: ast.Assign | ast.AnnAssign
    attribute: str
    value: ast.expr
    owner: ast.ClassDef
    method: NamedFunction
    lifetime: Confidence

    @property
    def is_in_constructor(self) -> bool:
        return self.method.name in {"__init__", "__post_init__", "__new__"}

    @property
    def is_required(self) -> bool:
        """Whether the constructor requires it: then the object is created for one user."""
        if not self.is_in_constructor or not isinstance(self.value, ast.Name):
            return False
        parameters = {each.arg for each in list_parameters(self.method)}
        return self.value.id in parameters and self.value.id not in list_optional_parameters(self.method)


def find_stored_attributes(module: ParsedModule) -> Iterator[StoredAttribute]:
    lifetimes: dict[ast.ClassDef, Confidence | None] = {}
    for node, target, value in _find_assignments(module):
        if not isinstance(target, ast.Attribute) or to_dotted_name(target.value) != "self":
            continue
        klass, method = module.find_enclosing_class(node), module.find_enclosing_named_function(node)
        if klass is None or method is None:
            continue
        if klass not in lifetimes:
            lifetimes[klass] = _rate_lifetime(module, klass)
        lifetime = lifetimes[klass]
        if lifetime is not None:
            yield StoredAttribute(
                node=node, attribute=target.attr, value=value, owner=klass, method=method, lifetime=lifetime
            )


def _rate_lifetime(module: ParsedModule, klass: ast.ClassDef) -> Confidence | None:
    """Like rate_long_lived, but None if the constructor requires a user or a context."""
    found = rate_long_lived(module, klass)
    if found is Confidence.HIGH:
        return found
    required = [
        each.arg
        for method in list_methods(klass)
        if method.name == "__init__"
        for each in list_parameters(method)
        if each.arg not in list_optional_parameters(method)
    ]
    is_per_user = any(is_user_name(name) or split_words(name)[-1:] in {("context",), ("ctx",)} for name in required)
    return None if is_per_user else found


def _find_assignments(module: ParsedModule) -> Iterator[tuple[ast.Assign | ast.AnnAssign, ast.expr, ast.expr]]:
    for each in module.iter_nodes(ast.Assign):
        for target in each.targets:
            yield each, target, each.value
    for annotated in module.iter_nodes(ast.AnnAssign):
        if annotated.value is not None:
            yield annotated, annotated.target, annotated.value
