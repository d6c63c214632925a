"""Tasks and threads that are started without keeping a reference."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, list_identifiers, split_words, to_dotted_name
from legacy.analysis.parsing import ParsedModule

_TASK_FUNCTIONS = frozenset({"asyncio.create_task", "asyncio.ensure_future", "asyncio.run_coroutine_threadsafe"})
_HOUSEKEEPING_WORDS = frozenset(
    {"metric", "metrics", "telemetry", "heartbeat", "restart", "reload", "prewarm", "warmup"}
)
_LOOP_GETTERS = frozenset({"asyncio.get_event_loop", "asyncio.get_running_loop", "asyncio.new_event_loop"})


def find(module: ParsedModule) -> Iterator[RuleHit]:
    for call in module.iter_nodes(ast.Call):
        if _is_task_start(module, call):
            name = _find_unused_name(module, call)
            if name is not None:
                yield _build_hit(call, "The task", name, Confidence.LOW if _is_housekeeping(call) else Confidence.HIGH)
        elif _is_thread_start(module, call) and isinstance(module.parents.get(call), ast.Expr):
            yield _build_hit(
                call, "The thread", "", Confidence.MEDIUM if _has_thread_arguments(call) else Confidence.LOW
            )


def _is_task_start(module: ParsedModule, call: ast.Call) -> bool:
    if module.resolve_import(call.func) in _TASK_FUNCTIONS:
        return True
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "create_task":
        return False
    holder = call.func.value
    if isinstance(holder, ast.Call):
        return module.resolve_import(holder.func) in _LOOP_GETTERS
    return split_words(to_dotted_name(holder))[-1:] == ("loop",)


def _find_unused_name(module: ParsedModule, call: ast.Call) -> str | None:
    """Return the variable that is never read, "" without a variable, None if the task is stored."""
    parent = module.parents.get(call)
    if isinstance(parent, ast.Expr):
        return ""
    if isinstance(parent, ast.Lambda) and parent.body is call:
        return ""
    function = module.find_enclosing_named_function(call)
    if not isinstance(parent, ast.Assign) or function is None or not isinstance(parent.targets[0], ast.Name):
        return None
    name = parent.targets[0].id
    is_read = any(
        isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Load) for each in ast.walk(function)
    )
    is_global = any(name in each.names for each in ast.walk(function) if isinstance(each, ast.Global | ast.Nonlocal))
    return None if is_read or is_global else name


def _is_thread_start(module: ParsedModule, call: ast.Call) -> bool:
    """`Thread(...).start()`."""
    if not (
        isinstance(call.func, ast.Attribute) and call.func.attr == "start" and isinstance(call.func.value, ast.Call)
    ):
        return False
    return (
        module.resolve_import(call.func.value.func) in {"threading.Thread", "Thread"}
        or get_last_identifier(call.func.value.func) == "Thread"
    )


def _is_housekeeping(call: ast.Call) -> bool:
    """Whether it is work of the program itself: metrics, restarts and the like."""
    return any(
        _HOUSEKEEPING_WORDS & set(split_words(name))
        for argument in call.args[:1]
        for name in list_identifiers(argument)
    )


def _has_thread_arguments(call: ast.Call) -> bool:
    """Whether the thread gets arguments, which may be a request's; a server of the process gets none."""
    created = call.func.value if isinstance(call.func, ast.Attribute) else call
    return isinstance(created, ast.Call) and any(each.arg in {"args", "kwargs"} for each in created.keywords)


def _build_hit(call: ast.Call, what: str, name: str, confidence: Confidence) -> RuleHit:
    problem = f"is assigned to {name}, which is never read" if name else "is started without keeping a reference"
    return RuleHit(node=call, message=f"{what} {problem}.", confidence=confidence)


RULE = IsolationRule(
    id="dropped-task",
    title="Task or thread without a reference",
    why="It outlives the request with that request's identity, its errors are lost, and no sign-out stops it.",
    remedy="Await it, start it in the run's TaskGroup, or queue it as a row of its owner for a worker.",
    severity=Severity.WARNING,
    find=find,
)
