"""Tasks and threads that nobody keeps."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Module
from legacy.analysis.names import dotted, last, mentioned, words

_STARTING = frozenset({"asyncio.create_task", "asyncio.ensure_future", "asyncio.run_coroutine_threadsafe"})
_HOUSEKEEPING = frozenset({"metric", "metrics", "telemetry", "heartbeat", "restart", "reload", "prewarm", "warmup"})
_LOOPS = frozenset({"asyncio.get_event_loop", "asyncio.get_running_loop", "asyncio.new_event_loop"})


def find(module: Module) -> Iterator[Hit]:
    for call in module.every(ast.Call):
        if _starts(module, call):
            name = _dropped(module, call)
            if name is not None:
                yield _hit(call, "The task", name, Confidence.LOW if _is_housekeeping(call) else Confidence.HIGH)
        elif _is_thread(module, call) and isinstance(module.parents.get(call), ast.Expr):
            yield _hit(call, "The thread", "", Confidence.MEDIUM if _is_given(call) else Confidence.LOW)


def _starts(module: Module, call: ast.Call) -> bool:
    if module.origin(call.func) in _STARTING:
        return True
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "create_task":
        return False
    holder = call.func.value
    if isinstance(holder, ast.Call):
        return module.origin(holder.func) in _LOOPS
    return words(dotted(holder))[-1:] == ("loop",)


def _dropped(module: Module, call: ast.Call) -> str | None:
    """The name that it got and that nobody asks for, empty where it got none; None where it is kept."""
    parent = module.parents.get(call)
    if isinstance(parent, ast.Expr):
        return ""
    if isinstance(parent, ast.Lambda) and parent.body is call:
        return ""
    function = module.named_function(call)
    if not isinstance(parent, ast.Assign) or function is None or not isinstance(parent.targets[0], ast.Name):
        return None
    name = parent.targets[0].id
    asked = any(
        isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Load) for each in ast.walk(function)
    )
    shared = any(name in each.names for each in ast.walk(function) if isinstance(each, ast.Global | ast.Nonlocal))
    return None if asked or shared else name


def _is_thread(module: Module, call: ast.Call) -> bool:
    """`Thread(...).start()`."""
    if not (
        isinstance(call.func, ast.Attribute) and call.func.attr == "start" and isinstance(call.func.value, ast.Call)
    ):
        return False
    return (
        module.origin(call.func.value.func) in {"threading.Thread", "Thread"} or last(call.func.value.func) == "Thread"
    )


def _is_housekeeping(call: ast.Call) -> bool:
    """Metrics, restarts and the like are the program's own."""
    return any(_HOUSEKEEPING & set(words(name)) for given in call.args[:1] for name in mentioned(given))


def _is_given(call: ast.Call) -> bool:
    """Whether the thread gets something of the request, and is not merely a server of the process."""
    made = call.func.value if isinstance(call.func, ast.Attribute) else call
    return isinstance(made, ast.Call) and any(each.arg in {"args", "kwargs"} for each in made.keywords)


def _hit(call: ast.Call, what: str, name: str, confidence: Confidence) -> Hit:
    said = f"has a name ({name}) that nobody asks for" if name else "is started and dropped"
    return Hit(node=call, message=f"{what} {said}.", confidence=confidence)


RULE = Rule(
    id="dropped-task",
    title="Work that is started and forgotten",
    why="It outlives the request with the identity that it took along, its errors are lost, and no sign-out ends it.",
    mend="Await it, start it in a TaskGroup of the run, or queue it as a row of its owner that a worker claims.",
    severity=Severity.WARNING,
    find=find,
)
