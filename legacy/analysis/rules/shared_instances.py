"""Singleton classes, and instances that a module or application creates once for all users."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, has_word_from, split_words, to_dotted_name
from legacy.analysis.lifetimes import is_caching_constructor
from legacy.analysis.parsing import NamedFunction, ParsedModule
from legacy.analysis.scopes import find_module_instances, get_constructed_class, list_decorators, list_methods

_INSTANCE_GETTERS = frozenset(
    {"get_instance", "getInstance", "instance", "get_or_create_instance", "shared_instance", "singleton"}
)
_PROGRAM_CLASS_WORDS = frozenset(
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
_ROLE_WORDS = frozenset(
    [
        "agent",
        "manager",
        "dispatcher",
        "supervisor",
        "orchestrator",
        "coordinator",
        "bridge",
        "hub",
        "bus",
        "pool",
        "broker",
        "emitter",
        "tracker",
        "store",
        "memory",
        "session",
        "context",
        "state",
        "executor",
        "assistant",
        "chatbot",
        "bot",
        "conversation",
    ]
)
_SUBJECT_WORDS = frozenset(
    [
        "agent",
        "agents",
        "websocket",
        "ws",
        "socket",
        "connection",
        "connections",
        "tool",
        "tools",
        "session",
        "user",
        "chat",
        "conversation",
        "thread",
        "run",
        "event",
        "message",
        "execution",
        "context",
        "state",
        "memory",
        "supervisor",
    ]
)
_PROGRAM_WORDS = frozenset(
    {"inference", "requests", "http", "client", "ssl", "thread", "process", "file", "plugin", "config"}
)
_APPLICATION_NAMES = frozenset({"app", "application"})


def find_singleton_classes(module: ParsedModule) -> Iterator[RuleHit]:
    for klass in module.iter_nodes(ast.ClassDef):
        description = _describe_singleton(klass)
        if description:
            yield RuleHit(node=klass, message=f"{klass.name} {description}.", confidence=_rate_class(klass))


def _rate_class(klass: ast.ClassDef) -> Confidence:
    """LOW for classes that log, load or connect, which belong to the program, and for what creates other singletons."""
    return Confidence.LOW if _PROGRAM_CLASS_WORDS & set(split_words(klass.name)) else Confidence.HIGH


def _describe_singleton(klass: ast.ClassDef) -> str:
    return next(
        (description for each in list_methods(klass) if (description := _describe_method(klass, each))), ""
    ) or _describe_declaration(klass)


def _describe_method(klass: ast.ClassDef, method: NamedFunction) -> str:
    is_metaclass = bool({get_last_identifier(base) for base in klass.bases} & _METACLASSES)
    if method.name == "__new__" and is_caching_constructor(method) and not is_metaclass:
        return "returns its first instance to every caller (__new__)"
    if method.name == "__call__" and is_metaclass and is_caching_constructor(method):
        return "is a metaclass that keeps one instance of each class"
    if method.name in _INSTANCE_GETTERS and _is_classmethod(method) and is_caching_constructor(method):
        return f"keeps one instance and returns it to every caller in {method.name}()"
    return "gives all its instances the same __dict__" if method.name == "__init__" and _is_borg(method) else ""


def _describe_declaration(klass: ast.ClassDef) -> str:
    metaclasses = [each.value for each in klass.keywords if each.arg == "metaclass"]
    by = {"decorator": list_decorators(klass), "metaclass": metaclasses, "base class": klass.bases}
    for what, names in by.items():
        if any("singleton" in split_words(get_last_identifier(each)) for each in names):
            return f"is created once per process by its {what}"
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


SINGLETON_CLASS = IsolationRule(
    id="singleton-class",
    title="Singleton shared by all users",
    why="Every request gets the same object, so the next user can see or overwrite the data of the one before.",
    remedy="Create the object for each run from what it needs (a context, a dispatcher), and pass it as an argument.",
    severity=Severity.ERROR,
    find=find_singleton_classes,
)


def find_global_instances(module: ParsedModule) -> Iterator[RuleHit]:
    yield from _find_lazy_instances(module)
    yield from _find_instances_with_getters(module)
    yield from _find_application_instances(module)


def _find_lazy_instances(module: ParsedModule) -> Iterator[RuleHit]:
    """`global _x; if _x is None: _x = X()`."""
    for each in module.iter_nodes(ast.Global):
        function = module.find_enclosing_named_function(each)
        if function is None:
            continue
        for write in ast.walk(function):
            if not isinstance(write, ast.Assign) or not get_constructed_class(write.value):
                continue
            target = write.targets[0]
            class_name = get_constructed_class(write.value)
            if not isinstance(target, ast.Name) or target.id not in each.names or not _has_role(class_name):
                continue
            if _is_created_if_missing(module, write, target.id):
                yield RuleHit(
                    node=write,
                    message=f"{target.id} is one {class_name} for all users, "
                    f"created by the first call of {function.name}().",
                    confidence=Confidence.HIGH,
                )


def _is_created_if_missing(module: ParsedModule, write: ast.Assign, name: str) -> bool:
    return any(
        isinstance(each, ast.If) and any(to_dotted_name(part) == name for part in ast.walk(each.test))
        for each in module.iter_ancestors(write)
    )


def _find_instances_with_getters(module: ParsedModule) -> Iterator[RuleHit]:
    instances = find_module_instances(module)
    for getter in module.iter_functions():
        name = _get_returned_name(getter)
        if name not in instances or module.find_enclosing_function(getter) or module.find_enclosing_class(getter):
            continue
        value = instances[name].value
        class_name = get_constructed_class(value) if value is not None else ""
        if _has_role(class_name):
            yield RuleHit(
                node=instances[name].node,
                message=f"{name} is one {class_name} for all users; {getter.name}() returns it.",
                confidence=Confidence.HIGH,
            )


def _get_returned_name(function: NamedFunction) -> str:
    """Return the name of a function that only returns a name; else ""."""
    body = [each for each in function.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
    if len(body) == 1 and isinstance(body[0], ast.Return) and isinstance(body[0].value, ast.Name):
        return body[0].value.id
    return ""


def _find_application_instances(module: ParsedModule) -> Iterator[RuleHit]:
    """`app.state.agent_supervisor = Supervisor()`."""
    for each in module.iter_nodes(ast.Assign):
        target = each.targets[0]
        if not isinstance(target, ast.Attribute) or not isinstance(each.value, ast.Call | ast.Await | ast.Name):
            continue
        owner = to_dotted_name(target.value).split(".")
        if len(owner) >= 2 and owner[-1] == "state" and owner[-2] in _APPLICATION_NAMES and _has_role(target.attr):
            yield RuleHit(
                node=each,
                message=f"{to_dotted_name(target)} is one {target.attr} for the application and all its users.",
                confidence=Confidence.HIGH if has_word_from(target.attr, _SUBJECT_WORDS) else Confidence.MEDIUM,
            )


def _has_role(name: str) -> bool:
    found = split_words(get_last_identifier(ast.Name(name)))
    return bool(found) and found[-1] in _ROLE_WORDS and not _PROGRAM_WORDS & set(found)


GLOBAL_INSTANCE = IsolationRule(
    id="global-instance",
    title="Global instance shared by all users",
    why="It lives as long as the process: all users share it, and no argument identifies the current one.",
    remedy="Create it when a run starts, bound to its context, and pass it down; modules hold only immutable values.",
    severity=Severity.ERROR,
    find=find_global_instances,
)
