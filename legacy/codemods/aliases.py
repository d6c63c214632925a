"""The local names of a method for a dispatcher or the websocket manager: find them, and remove those that are no longer
used."""

from collections.abc import Sequence

import libcst as cst
from libcst import matchers as m

from legacy.codemods.syntax import Replacement, find_rebound, find_variable_uses, get_self_attribute, rewrite_statements

DISPATCHER_NAMES = frozenset({"tool_dispatcher", "_tool_dispatcher", "dispatcher", "_dispatcher"})
DISPATCHER_GETTER = m.Call(func=m.Name("get_tool_dispatcher"), args=[])
MANAGER_GETTERS = m.Call(func=m.Name("get_websocket_manager") | m.Name("WebSocketManager"), args=[])
NAME_ASSIGNMENT = m.Assign(targets=[m.AssignTarget(target=m.Name())])


def find_dispatcher_names(method: cst.FunctionDef) -> frozenset[str]:
    """Return the usual names of a dispatcher that the method does not rebind, and the names that it assigns one to."""
    return (DISPATCHER_NAMES - frozenset(_find_rebound_names(method))) | find_dispatcher_aliases(method)


def find_dispatcher_aliases(method: cst.FunctionDef) -> frozenset[str]:
    """Return the local names that are assigned a dispatcher and nothing else."""
    rebound = _find_rebound_names(method)
    assigned = [_get_assigned_name(each) for each in _find_assignments(method) if _is_dispatcher(each.value)]
    return frozenset(name for name in assigned if assigned.count(name) == rebound.count(name))


def find_manager_aliases(method: cst.FunctionDef) -> frozenset[str]:
    """Return the local names that are assigned the websocket manager."""
    return frozenset(_get_assigned_name(each) for each in _find_assignments(method) if _is_manager(each.value))


def remove_unused_aliases(method: cst.FunctionDef, names: frozenset[str]) -> cst.FunctionDef:
    """Remove the assignments of a dispatcher or manager to names that are not read."""
    assignments = {each for each in _find_assignments(method) if _is_dispatcher(each.value) or _is_manager(each.value)}
    used = [each.value for each in find_variable_uses(method)]
    assigned = [_get_assigned_name(each) for each in assignments]
    unused = {name for name in names if used.count(name) == assigned.count(name)}

    def change(statement: cst.CSTNode, after: Sequence[cst.CSTNode]) -> Replacement:
        alone = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        is_unused = isinstance(alone, cst.Assign) and alone in assignments and _get_assigned_name(alone) in unused
        return [] if is_unused else None

    return rewrite_statements(method, change)


def _find_assignments(method: cst.FunctionDef) -> list[cst.Assign]:
    """Return each assignment to a single local name."""
    return [cst.ensure_type(each, cst.Assign) for each in m.findall(method, NAME_ASSIGNMENT)]


def _is_dispatcher(value: cst.BaseExpression) -> bool:
    return get_self_attribute(value) in DISPATCHER_NAMES or m.matches(value, DISPATCHER_GETTER)


def _is_manager(value: cst.BaseExpression) -> bool:
    return m.matches(value, MANAGER_GETTERS)


def _get_assigned_name(assignment: cst.Assign) -> str:
    return cst.ensure_type(assignment.targets[0].target, cst.Name).value


def _find_rebound_names(method: cst.FunctionDef) -> list[str]:
    return [each.value for each in find_rebound(method) if isinstance(each, cst.Name)]
