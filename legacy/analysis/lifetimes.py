"""Whether objects of a class outlive one user's request, as far as the text of one file tells."""

import ast

from legacy.analysis.finding import Confidence
from legacy.analysis.instances import maker, module_instances
from legacy.analysis.module import Module
from legacy.analysis.names import last, words
from legacy.analysis.scopes import decorators, methods

_ROLES = frozenset(
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
_OF_ONE = frozenset(
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
_VALUES = frozenset({"BaseModel", "BaseSettings", "Model", "Protocol", "TypedDict", "NamedTuple", "Enum"})
_SUFFIXES = frozenset({"base", "impl", "mixin", "abstract", "v", "legacy", "core"})


def outlives_a_request(module: Module, klass: ast.ClassDef) -> Confidence | None:
    """HIGH: shown by this file. MEDIUM: by the class's name, which ends in a role such as agent or manager."""
    if is_kept(module, klass):
        return Confidence.HIGH
    if _is_value(klass) or _OF_ONE & set(words(klass.name)):
        return None
    return Confidence.MEDIUM if _role(klass.name) or any(_role(last(base)) for base in klass.bases) else None


def is_kept(module: Module, klass: ast.ClassDef) -> bool:
    """Whether this file makes one for the process."""
    if any(maker(each.value) == klass.name for each in module_instances(module).values() if each.value):
        return True
    if any("singleton" in words(last(each)) for each in decorators(klass)):
        return True
    if any("singleton" in words(last(each.value)) for each in klass.keywords if each.arg == "metaclass"):
        return True
    return any(each.name == "__new__" and keeps_what_it_makes(each) for each in methods(klass))


def keeps_what_it_makes(new: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a `__new__` or `__call__` stores an object on the class."""
    holders = {"cls", "self", "mcs", "type"} | {each.arg for each in new.args.args[:1]}
    for node in ast.walk(new):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            inner = target.value if isinstance(target, ast.Subscript) else target
            if isinstance(inner, ast.Attribute) and _says_instance(inner.attr) and _head(inner) in holders:
                return True
    return False


def _says_instance(name: str) -> bool:
    return bool({"instance", "instances", "singleton", "inst", "shared"} & set(words(name)))


def _head(expr: ast.Attribute) -> str:
    return last(expr.value)


def _role(name: str) -> bool:
    found = [word for word in words(name) if word not in _SUFFIXES]
    return bool(found) and found[-1] in _ROLES


def _is_value(klass: ast.ClassDef) -> bool:
    return any(last(each) in {"dataclass", "define", "frozen"} for each in decorators(klass)) or any(
        last(base) in _VALUES for base in klass.bases
    )
