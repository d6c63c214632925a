"""A roster by the rollout's rules: each run's agents modern, legacy, or legacy with the modern one in the shadow.

A team names its own in one line, and that line in NETRA_ROSTER (docs/migration.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from asgiref.sync import sync_to_async

from agents.base import BaseAgent
from agents.catalog import AGENTS
from agents.leases import Claim
from agents.roster import Agents
from legacy.bridges.agent import replacing
from legacy.models import AgentPath
from legacy.rollout.runpaths import paths_of
from legacy.rollout.shadow import shadowed
from netra.core.exceptions import Defect


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """By agents' names. An agent without a legacy form is modern for everybody."""

    modern: Agents
    legacy: Agents
    shadowed: Agents

    async def __call__(self, claim: Claim) -> Agents:
        paths = await sync_to_async(paths_of)(claim.context, tuple(self.legacy))
        return MappingProxyType({name: self._kind(name, paths.get(name)) for name in self.modern})

    def _kind(self, name: str, path: AgentPath | None) -> type[BaseAgent[Any]]:
        """One that has lost its legacy form since the run began is modern."""
        forms = {AgentPath.LEGACY: self.legacy, AgentPath.SHADOW: self.shadowed}
        found = forms[path].get(name) if path in forms else None
        return found or self.modern[name]


def rollout(legacy: Mapping[str, type[Any]], *, modern: Agents = AGENTS) -> Rollout:
    """A roster of classes of the old pattern, or of what `bridged` made of them, by the names of the agents in whose
    place they stand. Raises Defect for a name that there is not, and for a class that cannot be bridged."""
    bridges = {name: _bridge(name, kind, modern) for name, kind in legacy.items()}
    shadows = {name: shadowed(kind, modern[name]) for name, kind in bridges.items()}
    return Rollout(
        modern=MappingProxyType(dict(modern)), legacy=MappingProxyType(bridges), shadowed=MappingProxyType(shadows)
    )


def _bridge(name: str, kind: type[Any], modern: Agents) -> type[BaseAgent[Any]]:
    if name not in modern:
        raise Defect(f"there is no agent {name!r} in whose place {kind.__name__} could stand: {', '.join(modern)}")
    if not issubclass(kind, BaseAgent):
        return replacing(modern[name], kind)
    if kind.name != name:
        raise Defect(f"{kind.__name__} is called {kind.name!r} and cannot stand in the place of {name!r}")
    return kind
