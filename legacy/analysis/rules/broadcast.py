"""Messages sent to every connected client."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, has_user_identifier, split_words, to_dotted_name
from legacy.analysis.parsing import Loop, ParsedModule

_BROADCAST_METHODS = frozenset(
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
_NUMERIC_PACKAGES = frozenset(
    {"np", "numpy", "torch", "jnp", "jax", "tf", "tensorflow", "dist", "comm", "distributed", "mx", "nd"}
)
_CONNECTION_WORDS = frozenset(
    {"connections", "websockets", "sockets", "clients", "subscribers", "listeners", "consumers", "peers"}
)
_SEND_METHODS = frozenset(
    {"send", "send_text", "send_json", "send_str", "send_bytes", "write_message", "emit", "send_message"}
)
_RECIPIENT_KEYWORDS = frozenset({"to", "room", "rooms", "user", "user_id", "room_id", "skip_sid", "thread_id", "sid"})


def find(module: ParsedModule) -> Iterator[RuleHit]:
    for call in module.iter_nodes(ast.Call):
        message, confidence = _check_call(module, call)
        if message:
            yield RuleHit(node=call, message=message, confidence=confidence)
    for loop in module.iter_loops():
        send = _find_send(loop)
        if send is not None and _is_over_all_connections(module, loop):
            yield RuleHit(
                node=send,
                message=f"This is sent to each of {ast.unparse(loop.iter)}, regardless of the user.",
                confidence=Confidence.HIGH,
            )


def _check_call(module: ParsedModule, call: ast.Call) -> tuple[str, Confidence]:
    name = get_last_identifier(call.func)
    # Condition.notify_all() of asyncio and threading takes no argument.
    if name in _BROADCAST_METHODS and call.args and not _is_numeric(module, call) and not _is_addressed(call):
        return f"{name}() sends to all clients.", Confidence.MEDIUM
    if name in {"group_send", "group_add"} and call.args and _is_constant(call.args[0]):
        action = "is sent to" if name == "group_send" else "joins"
        return f"This {action} a group with a constant name, which all users share.", Confidence.HIGH
    if any(each.arg == "broadcast" and _is_true(each.value) for each in call.keywords) and name in {"emit", "send"}:
        return f"{name}(broadcast=True) sends to all clients.", Confidence.HIGH
    owner = split_words(to_dotted_name(call.func.value))[-1:] if isinstance(call.func, ast.Attribute) else ()
    if name == "emit" and owner in {("sio",), ("socketio",)} and not _is_addressed(call) and len(call.args) < 3:
        return "emit() without a room sends to all clients.", Confidence.HIGH
    return "", Confidence.LOW


def _is_numeric(module: ParsedModule, call: ast.Call) -> bool:
    return bool(_NUMERIC_PACKAGES & set(module.resolve_import(call.func).split(".")[:-1]))


def _is_addressed(call: ast.Call) -> bool:
    if any(each.arg in _RECIPIENT_KEYWORDS and not _is_none(each.value) for each in call.keywords):
        return True
    return any(
        has_user_identifier(each)
        for each in [*call.args[1:], *call.args[:1]]
        if isinstance(each, ast.Name | ast.Attribute)
    )


def _is_constant(expr: ast.expr) -> bool:
    if isinstance(expr, ast.Constant):
        return isinstance(expr.value, str)
    name = get_last_identifier(expr)
    return bool(name) and name.isupper()


def _is_true(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Constant) and expr.value is True


def _is_none(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Constant) and expr.value is None


def _is_over_all_connections(module: ParsedModule, loop: Loop) -> bool:
    """Whether it iterates over a whole shared container, not over one user's part or a filtered copy."""
    iterable = loop.iter
    if (
        isinstance(iterable, ast.Call)
        and get_last_identifier(iterable.func) in {"list", "tuple", "set", "copy"}
        and iterable.args
    ):
        iterable = iterable.args[0]
    if (
        isinstance(iterable, ast.Call)
        and isinstance(iterable.func, ast.Attribute)
        and iterable.func.attr in {"values", "items", "copy"}
    ):
        iterable = iterable.func.value
    if not isinstance(iterable, ast.Name | ast.Attribute) or not _CONNECTION_WORDS & set(
        split_words(get_last_identifier(iterable))
    ):
        return False
    return isinstance(iterable, ast.Attribute) or module.is_global(iterable)


def _find_send(loop: Loop) -> ast.Call | None:
    loop_variables = {each.id for each in ast.walk(loop.target) if isinstance(each, ast.Name)}
    is_filtered = any(isinstance(each, ast.If) and has_user_identifier(each.test) for each in loop.body)
    for statement in [] if is_filtered else loop.body:
        for each in ast.walk(statement):
            if isinstance(each, ast.Call) and _is_send_to_loop_variable(each.func, loop_variables):
                return each
    return None


def _is_send_to_loop_variable(called: ast.expr, loop_variables: set[str]) -> bool:
    if not isinstance(called, ast.Attribute) or called.attr not in _SEND_METHODS:
        return False
    return to_dotted_name(called.value).split(".")[0] in loop_variables


RULE = IsolationRule(
    id="broadcast",
    title="Message sent to all clients",
    why="Every connected client receives it, so data of one user reaches all the others.",
    remedy="Append it to the stream of the user that it belongs to, through the run's emitter.",
    severity=Severity.ERROR,
    find=find,
)
