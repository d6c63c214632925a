"""Objects that a module makes once and hands out by a function."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.instances import maker, module_instances
from legacy.analysis.module import Module, NamedFunction
from legacy.analysis.names import dotted, last, speaks_of, words

_ROLES = frozenset(
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
_ABOUT = frozenset(
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
_OF_PROGRAMS = frozenset(
    {"inference", "requests", "http", "client", "ssl", "thread", "process", "file", "plugin", "config"}
)
_TOP = frozenset({"app", "application"})


def find(module: Module) -> Iterator[Hit]:
    yield from _lazily(module)
    yield from _with_getters(module)
    yield from _on_the_application(module)


def _lazily(module: Module) -> Iterator[Hit]:
    """`global _x; if _x is None: _x = X()`."""
    for each in module.every(ast.Global):
        around = module.named_function(each)
        if around is None:
            continue
        for write in ast.walk(around):
            if not isinstance(write, ast.Assign) or not maker(write.value):
                continue
            target = write.targets[0]
            made = maker(write.value)
            if not isinstance(target, ast.Name) or target.id not in each.names or not _is_acting(made):
                continue
            if _made_if_missing(module, write, target.id):
                yield Hit(
                    node=write,
                    message=f"{target.id} is one {made} for all users, made by whoever comes first in {around.name}().",
                    confidence=Confidence.HIGH,
                )


def _made_if_missing(module: Module, write: ast.Assign, name: str) -> bool:
    return any(
        isinstance(each, ast.If) and any(dotted(part) == name for part in ast.walk(each.test))
        for each in module.above(write)
    )


def _with_getters(module: Module) -> Iterator[Hit]:
    kept = module_instances(module)
    for getter in module.functions():
        name = _returned(getter)
        if name not in kept or module.function(getter) or module.klass(getter):
            continue
        value = kept[name].value
        made = maker(value) if value is not None else ""
        if _is_acting(made):
            yield Hit(
                node=kept[name].node,
                message=f"{name} is one {made} for all users; {getter.name}() hands it out.",
                confidence=Confidence.HIGH,
            )


def _returned(function: NamedFunction) -> str:
    """The name that a function does nothing but return."""
    body = [each for each in function.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
    if len(body) == 1 and isinstance(body[0], ast.Return) and isinstance(body[0].value, ast.Name):
        return body[0].value.id
    return ""


def _on_the_application(module: Module) -> Iterator[Hit]:
    """`app.state.agent_supervisor = Supervisor()`."""
    for each in module.every(ast.Assign):
        target = each.targets[0]
        if not isinstance(target, ast.Attribute) or not isinstance(each.value, ast.Call | ast.Await | ast.Name):
            continue
        holder = dotted(target.value).split(".")
        if len(holder) >= 2 and holder[-1] == "state" and holder[-2] in _TOP and _is_acting(target.attr):
            yield Hit(
                node=each,
                message=f"{dotted(target)} is one {target.attr} for the whole application, so for all users.",
                confidence=Confidence.HIGH if speaks_of(target.attr, _ABOUT) else Confidence.MEDIUM,
            )


def _is_acting(name: str) -> bool:
    found = words(last(ast.Name(name)))
    return bool(found) and found[-1] in _ROLES and not _OF_PROGRAMS & set(found)


RULE = Rule(
    id="global-instance",
    title="A module's own instance, shared by all users",
    why="It lives as long as the process: users meet in it, and no argument says whose turn it is.",
    mend="Make it where a run begins, bound to its context, and hand it down; modules keep only what is frozen.",
    severity=Severity.ERROR,
    find=find,
)
