"""Which names are a dispatcher in a method, and the method without one that nothing is called by any longer."""

from collections.abc import Sequence

import libcst as cst
from libcst import matchers as m

from legacy.codemods.blocks import Statements, rewritten
from legacy.codemods.shapes import argument, changed, of_self, uses

DISPATCHERS = frozenset({"tool_dispatcher", "_tool_dispatcher", "dispatcher", "_dispatcher"})
MAKER = m.Call(func=m.Name("get_tool_dispatcher"), args=[])


def tool_named(call: cst.Call) -> cst.BaseExpression | None:
    """The argument of a dispatch that names the tool; where one comes first, a `name=` is the tool's own."""
    first = argument(call, 0, "tool_name")
    return first if first is not None else argument(call, None, "name")


def dispatchers(method: cst.FunctionDef) -> frozenset[str]:
    """Names found in the module or handed in, and those that the method gives to a dispatcher; what it gives to
    something else is none, whatever its name."""
    return (DISPATCHERS - frozenset(_written(method))) | aliases(method)


def aliases(method: cst.FunctionDef) -> frozenset[str]:
    """Names that are given to a dispatcher, and to nothing else."""
    written = _written(method)
    held = [_name(each) for each in _held(method)]
    return frozenset(name for name in held if held.count(name) == written.count(name))


def unheld(method: cst.FunctionDef, names: frozenset[str]) -> cst.FunctionDef:
    """Without those of the names that are only written by now."""
    held = set(_held(method))
    used, given = [each.value for each in uses(method)], [_name(each) for each in held]
    idle = {name for name in names if used.count(name) == given.count(name)}

    def change(statement: cst.CSTNode, after: Sequence[cst.CSTNode]) -> Statements:
        alone = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
        return [] if isinstance(alone, cst.Assign) and alone in held and _name(alone) in idle else None

    return rewritten(method, change)


def _held(method: cst.FunctionDef) -> list[cst.Assign]:
    """Each `name = self.tool_dispatcher` or `name = get_tool_dispatcher()`."""
    shape = m.Assign(targets=[m.AssignTarget(target=m.Name())])
    plain = [cst.ensure_type(each, cst.Assign) for each in m.findall(method, shape)]
    return [each for each in plain if of_self(each.value) in DISPATCHERS or m.matches(each.value, MAKER)]


def _name(given: cst.Assign) -> str:
    return cst.ensure_type(given.targets[0].target, cst.Name).value


def _written(method: cst.FunctionDef) -> list[str]:
    return [each.value for each in changed(method) if isinstance(each, cst.Name)]
