"""Create a fresh instance of a legacy class for each turn, so that nothing it stores outlives the turn."""

import inspect
import types
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from agents.framework.shared_state import MUTABLE_CONTAINERS, find_shared_writes
from core.exceptions import Defect
from legacy.bridges.turn import BridgeTurn
from legacy.bridges.voice import LegacyAgentBase, Voice

CONSTRUCTOR_PARAMETERS = tuple(inspect.signature(LegacyAgentBase).parameters)
"""Parameters of legacy constructors, all optional."""
INJECTED_ATTRIBUTES = ("tool_dispatcher", "websocket_bridge", "websocket_manager")
_KIT_CLASSES = frozenset({object, Voice, LegacyAgentBase})


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceFactory:
    """`agent_class` is the team's class with the emit_* methods; `class_containers` are copies of its containers from
    when it was bridged."""

    agent_class: type[Any]
    parameters: tuple[str, ...]
    class_containers: Mapping[str, Any]

    def create_instance(self, turn: BridgeTurn, arguments: Mapping[str, Any]) -> Any:
        """Create the instance without its `__new__` and its metaclass: a singleton's would return another user's."""
        agent = object.__new__(self.agent_class)
        agent._netra_turn = turn
        for name, value in self.class_containers.items():
            setattr(agent, name, deepcopy(value))
        self.agent_class.__init__(agent, **{name: arguments.get(name) for name in self.parameters})
        for name in INJECTED_ATTRIBUTES:  # whatever its constructor has set
            setattr(agent, name, arguments[name])
        set_bridge: Callable[..., Any] | None = getattr(agent, "set_websocket_bridge", None)
        if set_bridge is not None and type(agent).set_websocket_bridge is not Voice.set_websocket_bridge:
            set_bridge(arguments["websocket_bridge"], arguments["run_id"])
        return agent


def build_instance_factory(legacy: type[Any]) -> InstanceFactory:
    """Raises Defect for a class that shares state between instances in a way that a new instance does not prevent."""
    found = find_shared_writes(legacy, beside=_KIT_CLASSES)
    if found:
        raise Defect(
            f"{legacy.__name__} can't be bridged, because it would leak between users: {'; '.join(map(str, found))}"
        )
    bases = (legacy,) if issubclass(legacy, Voice) else (legacy, Voice)
    kind = types.new_class(legacy.__name__, bases) if len(bases) > 1 else legacy
    return InstanceFactory(
        agent_class=kind,
        parameters=_find_accepted_parameters(legacy),
        class_containers=types.MappingProxyType(_copy_class_containers(legacy)),
    )


def _find_accepted_parameters(legacy: type[Any]) -> tuple[str, ...]:
    """Return the known parameters that its constructor takes."""
    known = (*CONSTRUCTOR_PARAMETERS, *INJECTED_ATTRIBUTES)
    names: list[str] = []
    for each in list(inspect.signature(legacy.__init__).parameters.values())[1:]:
        if each.kind is inspect.Parameter.VAR_KEYWORD:
            names += [name for name in CONSTRUCTOR_PARAMETERS if name not in names]
        elif each.name in known and each.kind is not inspect.Parameter.POSITIONAL_ONLY:
            names.append(each.name)
        elif each.default is inspect.Parameter.empty and each.kind is not inspect.Parameter.VAR_POSITIONAL:
            raise Defect(f"{legacy.__name__} can't be bridged: its constructor requires {each.name!r}")
    if legacy.__init__ is object.__init__:
        return ()
    return tuple(dict.fromkeys(names))


def _copy_class_containers(legacy: type[Any]) -> dict[str, Any]:
    """Return copies of the containers that all instances would share as class attributes."""
    found: dict[str, Any] = {}
    for kind in reversed(legacy.__mro__):
        if kind in _KIT_CLASSES:
            continue
        for name, value in vars(kind).items():
            if not name.startswith("__") and isinstance(value, MUTABLE_CONTAINERS):
                found[name] = deepcopy(value)
    return found
