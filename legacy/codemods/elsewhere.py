"""The old pattern outside of agents: nothing of it is changed, all of it is listed."""

from collections.abc import Sequence

import libcst as cst

from legacy.codemods.left import Left
from legacy.codemods.places import Places
from legacy.codemods.shapes import found, uses
from legacy.codemods.surface import GLOBALS

CALLER = "runs an agent in the old way; a run is started by agents.runs.start, and agents stand in agents/catalog.py"
STATE = "makes the old state; under the bridges it is legacy.bridges' own, which shares nothing"


def outside(module: cst.Module, places: Places, agents: Sequence[cst.ClassDef]) -> list[Left]:
    inside = {each for node in agents for each in found(node, cst.Call)}
    return [
        places.left(call, reason, blocks=False)
        for call in found(module, cst.Call)
        if call not in inside and (reason := _reason(call))
    ]


def _reason(call: cst.Call) -> str | None:
    if isinstance(call.func, cst.Name):
        if call.func.value == "WebSocketManager" and call.args:
            return None  # the facade, bound to a context
        return STATE if call.func.value == "DeepAgentState" else GLOBALS.get(call.func.value)
    if isinstance(call.func, cst.Attribute) and call.func.attr.value == "execute" and len(call.args) == 3:
        said = {each.value for arg in call.args for each in uses(arg.value)}
        said |= {arg.keyword.value for arg in call.args if arg.keyword}
        return CALLER if said & {"state", "run_id", "stream_updates"} else None
    return None
