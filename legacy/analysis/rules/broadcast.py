"""What is sent to everybody who is connected."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Loop, Module
from legacy.analysis.names import dotted, last, mentions_user, words

_TO_ALL = frozenset(
    [
        "broadcast",
        "broadcast_message",
        "broadcast_event",
        "broadcast_json",
        "broadcast_text",
        "broadcast_to_all",
        "broadcast_all",
        "broadcast_update",
        "broadcast_status",
        "send_to_all",
        "send_all",
        "notify_all",
        "emit_to_all",
        "publish_to_all",
        "send_to_everyone",
        "broadcast_system_message",
        "send_broadcast",
    ]
)
_NUMERIC = frozenset(
    {"np", "numpy", "torch", "jnp", "jax", "tf", "tensorflow", "dist", "comm", "distributed", "mx", "nd"}
)
_SOCKETS = frozenset(
    {"connections", "websockets", "sockets", "clients", "subscribers", "listeners", "consumers", "peers"}
)
_SENDING = frozenset(
    {"send", "send_text", "send_json", "send_str", "send_bytes", "write_message", "emit", "send_message"}
)
_ADDRESS = frozenset({"to", "room", "rooms", "user", "user_id", "room_id", "skip_sid", "thread_id", "sid"})


def find(module: Module) -> Iterator[Hit]:
    for call in module.every(ast.Call):
        said, confidence = _call(module, call)
        if said:
            yield Hit(node=call, message=said, confidence=confidence)
    for loop in module.loops():
        send = _sent_in(loop)
        if send is not None and _is_everybody(module, loop):
            yield Hit(
                node=send,
                message=f"This is sent to each of {ast.unparse(loop.iter)}, whoever they are.",
                confidence=Confidence.HIGH,
            )


def _call(module: Module, call: ast.Call) -> tuple[str, Confidence]:
    name = last(call.func)
    # Condition.notify_all() of asyncio and threading takes nothing.
    if name in _TO_ALL and call.args and not _is_numeric(module, call) and not _is_addressed(call):
        return f"{name}() sends to everybody.", Confidence.MEDIUM
    if name in {"group_send", "group_add"} and call.args and _is_constant(call.args[0]):
        done = "is sent to" if name == "group_send" else "joins"
        return f"This {done} a group with a constant name, which is everybody's.", Confidence.HIGH
    if any(each.arg == "broadcast" and _is_true(each.value) for each in call.keywords) and name in {"emit", "send"}:
        return f"{name}(broadcast=True) sends to everybody.", Confidence.HIGH
    holder = words(dotted(call.func.value))[-1:] if isinstance(call.func, ast.Attribute) else ()
    if name == "emit" and holder in {("sio",), ("socketio",)} and not _is_addressed(call) and len(call.args) < 3:
        return "emit() without a room sends to everybody.", Confidence.HIGH
    return "", Confidence.LOW


def _is_numeric(module: Module, call: ast.Call) -> bool:
    return bool(_NUMERIC & set(module.origin(call.func).split(".")[:-1]))


def _is_addressed(call: ast.Call) -> bool:
    if any(each.arg in _ADDRESS and not _is_none(each.value) for each in call.keywords):
        return True
    return any(
        mentions_user(each) for each in [*call.args[1:], *call.args[:1]] if isinstance(each, ast.Name | ast.Attribute)
    )


def _is_constant(expr: ast.expr) -> bool:
    if isinstance(expr, ast.Constant):
        return isinstance(expr.value, str)
    name = last(expr)
    return bool(name) and name.isupper()


def _is_true(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Constant) and expr.value is True


def _is_none(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Constant) and expr.value is None


def _is_everybody(module: Module, loop: Loop) -> bool:
    """All of a shared container: not one user's part of it, and not a copy that a filter has made."""
    over = loop.iter
    if isinstance(over, ast.Call) and last(over.func) in {"list", "tuple", "set", "copy"} and over.args:
        over = over.args[0]
    if (
        isinstance(over, ast.Call)
        and isinstance(over.func, ast.Attribute)
        and over.func.attr in {"values", "items", "copy"}
    ):
        over = over.func.value
    if not isinstance(over, ast.Name | ast.Attribute) or not _SOCKETS & set(words(last(over))):
        return False
    return isinstance(over, ast.Attribute) or module.is_global(over)


def _sent_in(loop: Loop) -> ast.Call | None:
    moving = {each.id for each in ast.walk(loop.target) if isinstance(each, ast.Name)}
    guarded = any(isinstance(each, ast.If) and mentions_user(each.test) for each in loop.body)
    for statement in [] if guarded else loop.body:
        for each in ast.walk(statement):
            if isinstance(each, ast.Call) and _is_sent_to(each.func, moving):
                return each
    return None


def _is_sent_to(called: ast.expr, moving: set[str]) -> bool:
    if not isinstance(called, ast.Attribute) or called.attr not in _SENDING:
        return False
    return dotted(called.value).split(".")[0] in moving


RULE = Rule(
    id="broadcast",
    title="Sent to everybody",
    why="Whoever is connected gets it, whatever it is about: what belongs to one user reaches all.",
    mend="Append it to the stream of the user that it belongs to, through the emitter of the run.",
    severity=Severity.ERROR,
    find=find,
)
