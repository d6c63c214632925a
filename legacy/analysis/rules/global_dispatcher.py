"""Managers and dispatchers that are looked up globally instead of passed as arguments."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, split_words, to_dotted_name
from legacy.analysis.parsing import ParsedModule
from legacy.analysis.scopes import find_module_instances, get_constructed_class

_ROLE_WORDS = frozenset(
    {"manager", "dispatcher", "supervisor", "bridge", "emitter", "hub", "bus", "broadcaster", "notifier"}
)
_SUBJECT_WORDS = frozenset(
    [
        "websocket",
        "websockets",
        "ws",
        "socket",
        "connection",
        "connections",
        "tool",
        "tools",
        "agent",
        "agents",
        "event",
        "message",
        "session",
        "user",
        "chat",
        "conversation",
        "thread",
        "run",
        "notification",
        "unified",
        "state",
        "supervisor",
    ]
)
_SINGLETON_CLASSES = frozenset({"WebSocketManager", "UnifiedWebSocketManager", "ToolDispatcher", "ConnectionManager"})
_IGNORED_PACKAGES = frozenset(
    {"multiprocessing", "contextlib", "asyncio", "django", "sqlalchemy", "logging", "tkinter"}
)


def find(module: ParsedModule) -> Iterator[RuleHit]:
    seen: set[tuple[ast.AST | None, str]] = set()
    for name, node, confidence in sorted(_find_uses(module), key=lambda each: (each[1].lineno, each[1].col_offset)):
        key = (module.find_enclosing_named_function(node), name)
        if key not in seen:
            seen.add(key)
            yield RuleHit(
                node=node,
                message=f"{name} is global, so all users share it; nothing identifies the user of this call.",
                confidence=confidence,
            )


def _find_uses(module: ParsedModule) -> Iterator[tuple[str, ast.expr, Confidence]]:
    instances = find_module_instances(module)
    for call in module.iter_nodes(ast.Call):
        if module.find_enclosing_named_function(call) is None:
            continue
        if _is_getter(module, call):
            yield f"{get_last_identifier(call.func)}()", call, Confidence.HIGH
        elif (
            get_last_identifier(call.func) in _SINGLETON_CLASSES
            and not call.args
            and not call.keywords
            and isinstance(call.func, ast.Name)
        ):
            yield f"{get_last_identifier(call.func)}()", call, Confidence.MEDIUM
        elif (
            isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and not get_constructed_class(call)
        ):
            holder = call.func.value
            is_shared = holder.id in instances or _is_imported_instance(module, holder.id)
            if is_shared and _has_role(holder.id) and module.is_global(holder):
                yield holder.id, holder, Confidence.HIGH if holder.id in instances else Confidence.MEDIUM
    for attribute in module.iter_nodes(ast.Attribute):
        if isinstance(attribute.ctx, ast.Load) and _is_application_state(attribute):
            yield to_dotted_name(attribute), attribute, Confidence.HIGH


def _is_getter(module: ParsedModule, call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Name) or call.args or call.keywords:
        return False
    found = split_words(call.func.id)
    if found[-2:] == ("context", "manager"):
        return False
    return found[:1] == ("get",) and found[-1] in _ROLE_WORDS and bool(_SUBJECT_WORDS & set(found))


def _is_imported_instance(module: ParsedModule, name: str) -> bool:
    origin = module.imports.get(name, "")
    return "." in origin and name == name.lower() and origin.split(".")[0] not in _IGNORED_PACKAGES


def _has_role(name: str) -> bool:
    found = split_words(name)
    return bool(found) and found[-1] in _ROLE_WORDS and (len(found) == 1 or bool(_SUBJECT_WORDS & set(found[:-1])))


def _is_application_state(attribute: ast.Attribute) -> bool:
    holder = to_dotted_name(attribute.value).split(".")
    return (
        holder[-1] == "state"
        and holder[-2:-1] == ["app"]
        and _has_role(attribute.attr)
        and len(split_words(attribute.attr)) > 1
    )


RULE = IsolationRule(
    id="global-dispatcher",
    title="Global manager or dispatcher",
    why="A call through a shared object goes to any user that its arguments or its state name, unchecked.",
    remedy="Pass down the run's own dispatcher or emitter, which is bound to its context, and call that.",
    severity=Severity.ERROR,
    find=find,
)
