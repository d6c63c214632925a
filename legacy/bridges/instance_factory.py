"""How an agent class of the old pattern is made anew for each turn, so that nothing it keeps outlives one."""

import inspect
import types
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from agents.shared_state import CONTAINERS, shared_writes
from legacy.bridges.turn import Turn
from legacy.bridges.voice import LegacyAgentBase, Voice
from netra.core.exceptions import Defect

NAMES = tuple(inspect.signature(LegacyAgentBase).parameters)
"""What constructors of the old pattern take, each optional."""
INJECTED = ("tool_dispatcher", "websocket_bridge", "websocket_manager")
_OURS = frozenset({object, Voice, LegacyAgentBase})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """`kind` is the team's class with a voice; `shared` are its containers as they were when it was bridged."""

    kind: type[Any]
    parameters: tuple[str, ...]
    shared: Mapping[str, Any]

    def instance(self, turn: Turn, handed: Mapping[str, Any]) -> Any:
        """Past its `__new__` and its metaclass: those of a singleton would give an instance of somebody else's."""
        agent = object.__new__(self.kind)
        agent._netra_turn = turn
        for name, value in self.shared.items():
            setattr(agent, name, deepcopy(value))
        self.kind.__init__(agent, **{name: handed.get(name) for name in self.parameters})
        for name in INJECTED:  # whatever its constructor has put there
            setattr(agent, name, handed[name])
        own: Callable[..., Any] | None = getattr(agent, "set_websocket_bridge", None)
        if own is not None and type(agent).set_websocket_bridge is not Voice.set_websocket_bridge:
            own(handed["websocket_bridge"], handed["run_id"])
        return agent


def recipe_of(legacy: type[Any]) -> Recipe:
    """Raises Defect for a class that shares state among its instances in a way that no new instance undoes."""
    found = shared_writes(legacy, beside=_OURS)
    if found:
        raise Defect(f"{legacy.__name__} cannot be bridged, it would leak between users: {'; '.join(map(str, found))}")
    bases = (legacy,) if issubclass(legacy, Voice) else (legacy, Voice)
    kind = types.new_class(legacy.__name__, bases) if len(bases) > 1 else legacy
    return Recipe(kind=kind, parameters=_parameters(legacy), shared=types.MappingProxyType(_containers(legacy)))


def _parameters(legacy: type[Any]) -> tuple[str, ...]:
    """Which of the old names its constructor takes."""
    known = (*NAMES, *INJECTED)
    names: list[str] = []
    for each in list(inspect.signature(legacy.__init__).parameters.values())[1:]:
        if each.kind is inspect.Parameter.VAR_KEYWORD:
            names += [name for name in NAMES if name not in names]
        elif each.name in known and each.kind is not inspect.Parameter.POSITIONAL_ONLY:
            names.append(each.name)
        elif each.default is inspect.Parameter.empty and each.kind is not inspect.Parameter.VAR_POSITIONAL:
            raise Defect(f"{legacy.__name__} cannot be bridged: its constructor needs {each.name!r}")
    if legacy.__init__ is object.__init__:
        return ()
    return tuple(dict.fromkeys(names))


def _containers(legacy: type[Any]) -> dict[str, Any]:
    """Class attributes that instances would write into together, copied now."""
    found: dict[str, Any] = {}
    for kind in reversed(legacy.__mro__):
        if kind in _OURS:
            continue
        for name, value in vars(kind).items():
            if not name.startswith("__") and isinstance(value, CONTAINERS):
                found[name] = deepcopy(value)
    return found
