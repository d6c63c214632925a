"""Which classes of a file are agents of the old pattern."""

import libcst as cst
from libcst import matchers as m

ENTRIES = ("execute", "execute_core_logic")


def entry(node: cst.ClassDef) -> str | None:
    """The legacy method that its turn begins with, or None for a class that is no legacy agent."""
    return next(
        (each.name.value for each in node.body.body if isinstance(each, cst.FunctionDef) and _legacy(each)), None
    )


def entries(node: cst.ClassDef) -> int:
    return sum(isinstance(each, cst.FunctionDef) and _legacy(each) for each in node.body.body)


def _legacy(method: cst.FunctionDef) -> bool:
    name, params = method.name.value, [each.name.value for each in method.params.params]
    if name == "execute_core_logic":
        return len(params) == 2
    if name != "execute":
        return False
    return (len(params) >= 3 and params[2] == "run_id") or any(_state(each) for each in method.params.params)


def _state(param: cst.Param) -> bool:
    return param.annotation is not None and bool(m.findall(param.annotation, m.Name("DeepAgentState")))
