"""What a legacy method is handed: the state or context of a run, and loose ids."""

from dataclasses import dataclass
from typing import Literal

import libcst as cst

from legacy.codemods.agent import Agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """Parameter names, or None. `carrier` is the one that a Brief takes the place of."""

    carrier: str | None = None
    kind: Literal["state", "context"] = "state"
    run_id: str | None = None
    stream: str | None = None


def handed(agent: Agent, method: cst.FunctionDef) -> Handed:
    params = method.params.params[1:]
    names = [each.name.value for each in params]
    if method.name.value == agent.entry == "execute_core_logic":
        return Handed(carrier=names[0], kind="context")
    if method.name.value == agent.entry:
        state, run_id, stream = (*names, None, None)[:3]
        return Handed(carrier=state, run_id=run_id, stream=stream)
    for each in params:
        said = annotated(each)
        if said == "DeepAgentState" or (said == "" and each.name.value == "state"):
            return Handed(carrier=each.name.value)
        if said == "ExecutionContext" or (said == "" and each.name.value == "context" and _core(agent)):
            return Handed(carrier=each.name.value, kind="context")
    return Handed()


def annotated(param: cst.Param) -> str:
    """The last name of its annotation, "" without one, "?" for anything else."""
    if param.annotation is None:
        return ""
    said = param.annotation.annotation
    if isinstance(said, cst.SimpleString):
        text = str(said.evaluated_value)
        return text.rpartition(".")[2]
    if isinstance(said, cst.Attribute):
        said = said.attr
    return said.value if isinstance(said, cst.Name) else "?"


def _core(agent: Agent) -> bool:
    return agent.entry == "execute_core_logic"
