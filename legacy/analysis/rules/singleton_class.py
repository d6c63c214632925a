"""Classes that hand out one object for ever."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.lifetimes import keeps_what_it_makes
from legacy.analysis.module import Module, NamedFunction
from legacy.analysis.names import last, words
from legacy.analysis.scopes import decorators, methods

_GETTERS = frozenset(
    {"get_instance", "getInstance", "instance", "get_or_create_instance", "shared_instance", "singleton"}
)
_OF_PROGRAMS = frozenset(
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


def find(module: Module) -> Iterator[Hit]:
    for klass in module.every(ast.ClassDef):
        said = _said(klass)
        if said:
            yield Hit(node=klass, message=f"{klass.name} {said}.", confidence=_confidence(klass))


def _confidence(klass: ast.ClassDef) -> Confidence:
    """What logs, loads or connects is the program's; of what makes singletons, those that it makes are findings."""
    return Confidence.LOW if _OF_PROGRAMS & set(words(klass.name)) else Confidence.HIGH


def _said(klass: ast.ClassDef) -> str:
    return next((said for each in methods(klass) if (said := _method(klass, each))), "") or _declared(klass)


def _method(klass: ast.ClassDef, method: NamedFunction) -> str:
    is_metaclass = bool({last(base) for base in klass.bases} & _METACLASSES)
    if method.name == "__new__" and keeps_what_it_makes(method) and not is_metaclass:
        return "keeps the first object that it makes and returns it to everybody (__new__)"
    if method.name == "__call__" and is_metaclass and keeps_what_it_makes(method):
        return "is a metaclass that keeps one object for each of its classes"
    if method.name in _GETTERS and _is_classmethod(method) and keeps_what_it_makes(method):
        return f"keeps one object for everybody and hands it out in {method.name}()"
    return "gives all its objects the same __dict__" if method.name == "__init__" and _is_borg(method) else ""


def _declared(klass: ast.ClassDef) -> str:
    metaclasses = [each.value for each in klass.keywords if each.arg == "metaclass"]
    by = {"decorator": decorators(klass), "metaclass": metaclasses, "base class": klass.bases}
    for what, names in by.items():
        if any("singleton" in words(last(each)) for each in names):
            return f"is made once for the process by its {what}"
    return ""


def _is_classmethod(method: NamedFunction) -> bool:
    return any(last(each) in {"classmethod", "staticmethod"} for each in decorators(method))


def _is_borg(init: NamedFunction) -> bool:
    return any(
        isinstance(each, ast.Assign)
        and any(isinstance(target, ast.Attribute) and target.attr == "__dict__" for target in each.targets)
        and isinstance(each.value, ast.Attribute)
        and bool({"shared", "state"} & set(words(each.value.attr)))
        for each in ast.walk(init)
    )


RULE = Rule(
    id="singleton-class",
    title="One object for all users",
    why="Every user's request gets the same object, so whatever one leaves in it the next can see or overwrite.",
    mend="Make the object for each run from what it needs (a context, a dispatcher) and hand it down as an argument.",
    severity=Severity.ERROR,
    find=find,
)
