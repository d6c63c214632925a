"""Singleton classes."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, split_words
from legacy.analysis.lifetimes import is_caching_constructor
from legacy.analysis.parsing import NamedFunction, ParsedModule
from legacy.analysis.scopes import list_decorators, list_methods

_INSTANCE_GETTERS = frozenset(
    {"get_instance", "getInstance", "instance", "get_or_create_instance", "shared_instance", "singleton"}
)
_PROGRAM_WORDS = frozenset(
    {
        "logger",
        "log",
        "config",
        "settings",
        "plugin",
        "loader",
        "validator",
        "tokenizer",
        "metrics",
        "redis",
        "driver",
        "singleton",
    }
)
_METACLASSES = frozenset({"type", "ABCMeta", "EnumMeta", "EnumType"})


def find(module: ParsedModule) -> Iterator[RuleHit]:
    for klass in module.iter_nodes(ast.ClassDef):
        description = _describe_singleton(klass)
        if description:
            yield RuleHit(node=klass, message=f"{klass.name} {description}.", confidence=_rate_class(klass))


def _rate_class(klass: ast.ClassDef) -> Confidence:
    """LOW for classes that log, load or connect, which belong to the program, and for what creates other singletons."""
    return Confidence.LOW if _PROGRAM_WORDS & set(split_words(klass.name)) else Confidence.HIGH


def _describe_singleton(klass: ast.ClassDef) -> str:
    return next(
        (description for each in list_methods(klass) if (description := _describe_method(klass, each))), ""
    ) or _describe_declaration(klass)


def _describe_method(klass: ast.ClassDef, method: NamedFunction) -> str:
    is_metaclass = bool({get_last_identifier(base) for base in klass.bases} & _METACLASSES)
    if method.name == "__new__" and is_caching_constructor(method) and not is_metaclass:
        return "keeps the first object that it makes and returns it to everybody (__new__)"
    if method.name == "__call__" and is_metaclass and is_caching_constructor(method):
        return "is a metaclass that keeps one object for each of its classes"
    if method.name in _INSTANCE_GETTERS and _is_classmethod(method) and is_caching_constructor(method):
        return f"keeps one object for everybody and hands it out in {method.name}()"
    return "gives all its objects the same __dict__" if method.name == "__init__" and _is_borg(method) else ""


def _describe_declaration(klass: ast.ClassDef) -> str:
    metaclasses = [each.value for each in klass.keywords if each.arg == "metaclass"]
    by = {"decorator": list_decorators(klass), "metaclass": metaclasses, "base class": klass.bases}
    for what, names in by.items():
        if any("singleton" in split_words(get_last_identifier(each)) for each in names):
            return f"is made once for the process by its {what}"
    return ""


def _is_classmethod(method: NamedFunction) -> bool:
    return any(get_last_identifier(each) in {"classmethod", "staticmethod"} for each in list_decorators(method))


def _is_borg(init: NamedFunction) -> bool:
    return any(
        isinstance(each, ast.Assign)
        and any(isinstance(target, ast.Attribute) and target.attr == "__dict__" for target in each.targets)
        and isinstance(each.value, ast.Attribute)
        and bool({"shared", "state"} & set(split_words(each.value.attr)))
        for each in ast.walk(init)
    )


RULE = IsolationRule(
    id="singleton-class",
    title="One object for all users",
    why="Every user's request gets the same object, so whatever one leaves in it the next can see or overwrite.",
    remedy="Make the object for each run from what it needs (a context, a dispatcher) and hand it down as an argument.",
    severity=Severity.ERROR,
    find=find,
)
