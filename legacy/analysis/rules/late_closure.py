"""Functions made in a loop that look their variable up when it has moved on."""

import ast
from collections.abc import Iterator

from legacy.analysis.finding import Confidence, Hit, Rule, Severity
from legacy.analysis.module import Function, Loop, Module
from legacy.analysis.names import last
from legacy.analysis.scopes import parameters

_LATER = frozenset(
    [
        "append",
        "add",
        "appendleft",
        "insert",
        "setdefault",
        "submit",
        "call_later",
        "call_soon",
        "call_at",
        "call_soon_threadsafe",
        "create_task",
        "add_done_callback",
        "register",
        "subscribe",
        "on",
        "on_event",
        "add_task",
        "Thread",
        "Timer",
        "connect",
        "put",
        "put_nowait",
        "schedule",
        "after",
        "add_handler",
        "add_listener",
        "add_callback",
        "from_function",
        "Tool",
        "StructuredTool",
        "FunctionTool",
        "register_tool",
        "add_tool",
        "run_in_executor",
        "bind",
        "route",
    ]
)


def find(module: Module) -> Iterator[Hit]:
    for loop in module.loops():
        moving = _targets(loop.target)
        for closure in _closures(loop):
            name = _captured(module, closure, moving)
            if name and _escapes(module, closure, loop):
                yield _hit(closure, name)
    for made, generators in _listed(module):
        moving = frozenset(name for each in generators for name in _targets(each.target))
        if isinstance(made, ast.Lambda) and (name := _captured(module, made, moving)):
            yield _hit(made, name)


def _listed(module: Module) -> Iterator[tuple[ast.expr, list[ast.comprehension]]]:
    for each in module.every(ast.ListComp):
        yield each.elt, each.generators
    for mapping in module.every(ast.DictComp):
        yield mapping.value, mapping.generators


def _targets(target: ast.expr) -> frozenset[str]:
    return frozenset(each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def _closures(loop: Loop) -> Iterator[Function]:
    for statement in loop.body:
        for each in ast.walk(statement):
            if isinstance(each, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
                yield each


def _captured(module: Module, closure: Function, moving: frozenset[str]) -> str:
    """The loop's variable that the closure looks up when it is called."""
    own = {each.arg for each in parameters(closure)} | set(module.bound.get(closure, ()))
    body = closure.body if isinstance(closure.body, list) else [closure.body]
    for statement in body:
        for each in ast.walk(statement):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load) and each.id in moving - own:
                return each.id
    return ""


def _escapes(module: Module, closure: Function, loop: Loop) -> bool:
    if isinstance(closure, ast.Lambda):
        return _is_kept(module, closure)
    inside = (each for statement in loop.body for each in ast.walk(statement))
    used = (
        each
        for each in inside
        if isinstance(each, ast.Name) and each.id == closure.name and isinstance(each.ctx, ast.Load)
    )
    return any(_is_kept(module, each) for each in used)


def _is_kept(module: Module, node: ast.expr) -> bool:
    """Whether it is stored, or given to something that calls later."""
    parent = module.parents.get(node)
    if isinstance(parent, ast.keyword):
        node, parent = parent.value, module.parents.get(parent)
    if isinstance(parent, ast.Call) and parent.func is not node:
        return last(parent.func) in _LATER and not isinstance(module.parents.get(parent), ast.Await)
    if isinstance(parent, ast.Tuple | ast.List | ast.Dict):
        return _is_kept(module, parent)
    return isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Subscript | ast.Attribute)


def _hit(closure: Function, name: str) -> Hit:
    return Hit(
        node=closure,
        message=f"This function looks {name} up when it is called: by then the loop has gone on to another.",
        confidence=Confidence.HIGH,
    )


RULE = Rule(
    id="late-closure",
    title="A closure over a loop's variable",
    why="All functions of the loop see its last value: one user's callback runs with the last user's id or data.",
    mend="Bind the value when the function is made: a default (user=user), partial, or a function that makes it.",
    severity=Severity.ERROR,
    find=find,
)
