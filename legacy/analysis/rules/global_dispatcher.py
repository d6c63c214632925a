"""Managers and dispatchers that are found by name instead of being handed down."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.instances import maker, module_instances
from legacy.analysis.module import Module
from legacy.analysis.names import dotted, last, words

_ROLES = frozenset(
    {"manager", "dispatcher", "supervisor", "bridge", "emitter", "hub", "bus", "broadcaster", "notifier"}
)
_ABOUT = frozenset(
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
_ONE_FOR_ALL = frozenset({"WebSocketManager", "UnifiedWebSocketManager", "ToolDispatcher", "ConnectionManager"})
_OUTSIDE = frozenset({"multiprocessing", "contextlib", "asyncio", "django", "sqlalchemy", "logging", "tkinter"})


def find(module: Module) -> Iterator[Hit]:
    seen: set[tuple[ast.AST | None, str]] = set()
    for name, node, confidence in sorted(_uses(module), key=lambda each: (each[1].lineno, each[1].col_offset)):
        place = (module.named_function(node), name)
        if place not in seen:
            seen.add(place)
            yield Hit(
                node=node,
                message=f"{name} is found by name, so it is everybody's; nothing says whose call this is.",
                confidence=confidence,
            )


def _uses(module: Module) -> Iterator[tuple[str, ast.expr, Confidence]]:
    kept = module_instances(module)
    for call in module.every(ast.Call):
        if module.named_function(call) is None:
            continue
        if _is_getter(module, call):
            yield f"{last(call.func)}()", call, Confidence.HIGH
        elif (
            last(call.func) in _ONE_FOR_ALL and not call.args and not call.keywords and isinstance(call.func, ast.Name)
        ):
            yield f"{last(call.func)}()", call, Confidence.MEDIUM
        elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and not maker(call):
            holder = call.func.value
            ours = holder.id in kept or _is_imported_instance(module, holder.id)
            if ours and _is_role(holder.id) and module.is_global(holder):
                yield holder.id, holder, Confidence.HIGH if holder.id in kept else Confidence.MEDIUM
    for attribute in module.every(ast.Attribute):
        if isinstance(attribute.ctx, ast.Load) and _on_the_application(attribute):
            yield dotted(attribute), attribute, Confidence.HIGH


def _is_getter(module: Module, call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Name) or call.args or call.keywords:
        return False
    found = words(call.func.id)
    if found[-2:] == ("context", "manager"):
        return False
    return found[:1] == ("get",) and found[-1] in _ROLES and bool(_ABOUT & set(found))


def _is_imported_instance(module: Module, name: str) -> bool:
    origin = module.imports.get(name, "")
    return "." in origin and name == name.lower() and origin.split(".")[0] not in _OUTSIDE


def _is_role(name: str) -> bool:
    found = words(name)
    return bool(found) and found[-1] in _ROLES and (len(found) == 1 or bool(_ABOUT & set(found[:-1])))


def _on_the_application(attribute: ast.Attribute) -> bool:
    holder = dotted(attribute.value).split(".")
    return (
        holder[-1] == "state"
        and holder[-2:-1] == ["app"]
        and _is_role(attribute.attr)
        and len(words(attribute.attr)) > 1
    )


RULE = Rule(
    id="global-dispatcher",
    title="A global manager or dispatcher, used by name",
    why="A call through an object that everybody shares goes to whomever its arguments or its state name, unchecked.",
    mend="Hand the dispatcher or emitter of this run down, bound to its context, and call that.",
    severity=Severity.ERROR,
    find=find,
)
