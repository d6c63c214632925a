"""Two pitfalls of Python through which one call sees another's values: mutable default arguments, and closures over a
loop variable."""

import ast
from collections.abc import Iterator

from legacy.analysis.findings import Confidence, IsolationRule, RuleHit, Severity
from legacy.analysis.identifiers import get_last_identifier, to_dotted_name
from legacy.analysis.parsing import Function, Loop, NamedFunction, ParsedModule, Write
from legacy.analysis.scopes import is_mutable, list_parameters

_DEFERRING_FUNCTIONS = frozenset(
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


def find_mutable_defaults(module: ParsedModule) -> Iterator[RuleHit]:
    written: dict[str, list[Write]] = {}
    for write in module.writes:
        if isinstance(write.target, ast.Name):
            written.setdefault(write.target.id, []).append(write)
    for function in module.iter_functions():
        for parameter, default in _list_defaults(function):
            if is_mutable(default):
                yield from _check_default(module, function, parameter, default, written.get(parameter.arg, []))


def _check_default(
    module: ParsedModule, function: NamedFunction, parameter: ast.arg, default: ast.expr, writes: list[Write]
) -> Iterator[RuleHit]:
    assignment = _find_storing_assignment(function, parameter.arg)
    own_writes = [each for each in writes if module.find_enclosing_named_function(each.node) is function]
    if any(each.how == "rebind" for each in own_writes):
        return
    if own_writes:
        problem = f"is changed in line {min(each.node.lineno for each in own_writes)}"
    elif assignment is not None:
        problem = f"is stored in line {assignment.lineno}"
    else:
        return
    yield RuleHit(
        node=default,
        message=f"The default of {parameter.arg} is created once for all calls of {function.name}(), and {problem}.",
        confidence=Confidence.HIGH if own_writes or _is_modified_later(module, assignment) else Confidence.LOW,
    )


def _find_storing_assignment(function: NamedFunction, name: str) -> ast.Assign | None:
    """Return the statement `self.x = x`."""
    for each in ast.walk(function):
        if not isinstance(each, ast.Assign) or not isinstance(each.targets[0], ast.Attribute):
            continue
        if isinstance(each.value, ast.Name) and each.value.id == name:
            return each
    return None


def _is_modified_later(module: ParsedModule, assignment: ast.Assign | None) -> bool:
    """Whether `self.x.append(…)` or the like changes the default that `self.x = x` has stored."""
    if assignment is None:
        return False
    name = to_dotted_name(assignment.targets[0])
    return any(
        each.how != "attribute"
        and to_dotted_name(each.target) == name
        and module.find_enclosing_class(each.node) is module.find_enclosing_class(assignment)
        for each in module.writes
    )


def _list_defaults(function: NamedFunction) -> Iterator[tuple[ast.arg, ast.expr]]:
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    yield from zip(plain[len(plain) - len(arguments.defaults) :], arguments.defaults, strict=True)
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield each, default


MUTABLE_DEFAULT = IsolationRule(
    id="mutable-default",
    title="Mutable default argument",
    why="A default is created once per process: data that one user's call adds is there in the next user's call.",
    remedy="Use None or an immutable default, and create a new container inside the function.",
    severity=Severity.ERROR,
    find=find_mutable_defaults,
)


def find_late_closures(module: ParsedModule) -> Iterator[RuleHit]:
    for loop in module.iter_loops():
        loop_variables = _list_target_names(loop.target)
        for closure in _find_closures(loop):
            name = _find_captured_variable(module, closure, loop_variables)
            if name and _is_used_after_iteration(module, closure, loop):
                yield _build_closure_hit(closure, name)
    for element, generators in _find_comprehensions(module):
        loop_variables = frozenset(name for each in generators for name in _list_target_names(each.target))
        if isinstance(element, ast.Lambda) and (name := _find_captured_variable(module, element, loop_variables)):
            yield _build_closure_hit(element, name)


def _find_comprehensions(module: ParsedModule) -> Iterator[tuple[ast.expr, list[ast.comprehension]]]:
    for each in module.iter_nodes(ast.ListComp):
        yield each.elt, each.generators
    for mapping in module.iter_nodes(ast.DictComp):
        yield mapping.value, mapping.generators


def _list_target_names(target: ast.expr) -> frozenset[str]:
    return frozenset(each.id for each in ast.walk(target) if isinstance(each, ast.Name))


def _find_closures(loop: Loop) -> Iterator[Function]:
    for statement in loop.body:
        for each in ast.walk(statement):
            if isinstance(each, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
                yield each


def _find_captured_variable(module: ParsedModule, closure: Function, loop_variables: frozenset[str]) -> str:
    """Return the loop variable that the closure reads when it is called."""
    own = {each.arg for each in list_parameters(closure)} | set(module.local_bindings.get(closure, ()))
    body = closure.body if isinstance(closure.body, list) else [closure.body]
    for statement in body:
        for each in ast.walk(statement):
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load) and each.id in loop_variables - own:
                return each.id
    return ""


def _is_used_after_iteration(module: ParsedModule, closure: Function, loop: Loop) -> bool:
    if isinstance(closure, ast.Lambda):
        return _is_stored_or_deferred(module, closure)
    inside = (each for statement in loop.body for each in ast.walk(statement))
    used = (
        each
        for each in inside
        if isinstance(each, ast.Name) and each.id == closure.name and isinstance(each.ctx, ast.Load)
    )
    return any(_is_stored_or_deferred(module, each) for each in used)


def _is_stored_or_deferred(module: ParsedModule, node: ast.expr) -> bool:
    """Whether it is stored, or passed to a function that calls it later."""
    parent = module.parents.get(node)
    if isinstance(parent, ast.keyword):
        node, parent = parent.value, module.parents.get(parent)
    if isinstance(parent, ast.Call) and parent.func is not node:
        return get_last_identifier(parent.func) in _DEFERRING_FUNCTIONS and not isinstance(
            module.parents.get(parent), ast.Await
        )
    if isinstance(parent, ast.Tuple | ast.List | ast.Dict):
        return _is_stored_or_deferred(module, parent)
    return isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Subscript | ast.Attribute)


def _build_closure_hit(closure: Function, name: str) -> RuleHit:
    return RuleHit(
        node=closure,
        message=f"This function reads {name} when it is called: by then the loop has moved on.",
        confidence=Confidence.HIGH,
    )


LATE_CLOSURE = IsolationRule(
    id="late-closure",
    title="Closure over a loop variable",
    why="All functions of the loop see its last value: one user's callback runs with the last user's id or data.",
    remedy="Bind the value when the function is created: a default (user=user), partial, or a factory function.",
    severity=Severity.ERROR,
    find=find_late_closures,
)
