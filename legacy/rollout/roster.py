"""A roster that selects each run's agents by rollout rules: legacy, modern, or legacy with a shadow of the modern one.
A team creates its own with `rollout` and names it in NETRA_ROSTER (docs/migration.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from asgiref.sync import sync_to_async

from agents.framework.agent import BaseAgent
from agents.framework.registry import AGENTS, AgentClasses
from agents.run_queue import RunJob
from core.exceptions import Defect
from legacy.bridges.agent import replacing
from legacy.models import AgentPath
from legacy.rollout.rules import resolve_paths
from legacy.rollout.shadow import build_shadowed_class


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """The agents' classes by name. An agent without a legacy form is modern for all users."""

    modern: AgentClasses
    legacy: AgentClasses
    shadow: AgentClasses

    async def __call__(self, job: RunJob) -> AgentClasses:
        paths = await sync_to_async(resolve_paths)(job.context, tuple(self.legacy))
        return MappingProxyType({name: self._select_class(name, paths.get(name)) for name in self.modern})

    def _select_class(self, name: str, path: AgentPath | None) -> type[BaseAgent[Any]]:
        """Return the class for a path, or the modern one if the agent has no legacy form any longer."""
        forms = {AgentPath.LEGACY: self.legacy, AgentPath.SHADOW: self.shadow}
        found = forms[path].get(name) if path in forms else None
        return found or self.modern[name]


def rollout(legacy: Mapping[str, type[Any]], *, modern: AgentClasses = AGENTS) -> Rollout:
    """Return a roster of legacy or bridged classes, by the names of the agents that they replace.

    Raises Defect for an unknown name, and for a class that cannot be bridged.
    """
    bridges = {name: _build_bridge_class(name, kind, modern) for name, kind in legacy.items()}
    shadows = {name: build_shadowed_class(kind, modern[name]) for name, kind in bridges.items()}
    return Rollout(
        modern=MappingProxyType(dict(modern)), legacy=MappingProxyType(bridges), shadow=MappingProxyType(shadows)
    )


def _build_bridge_class(name: str, kind: type[Any], modern: AgentClasses) -> type[BaseAgent[Any]]:
    if name not in modern:
        raise Defect(f"there is no agent {name!r} in whose place {kind.__name__} could stand: {', '.join(modern)}")
    if not issubclass(kind, BaseAgent):
        return replacing(modern[name], kind)
    if kind.name != name:
        raise Defect(f"{kind.__name__} is called {kind.name!r} and cannot stand in the place of {name!r}")
    return kind
