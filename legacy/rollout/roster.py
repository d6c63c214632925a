"""A roster that selects the form of each agent per run: legacy, modern, or legacy with a shadow of the modern one.
Rollout rules decide, and each run's path is stored for later attempts. A team creates its roster with `rollout`
and names it in NETRA_ROSTER (docs/migration.md)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import transaction

from agents.framework.agent import BaseAgent
from agents.framework.registry import AGENTS, AgentClasses
from agents.run_queue import RunJob
from core.concurrency.database_threads import run_in_shared_thread
from core.context import UserExecutionContext
from core.db import as_user
from core.exceptions import Defect
from core.models import User
from core.users import ERASED_NAME, compile_mentions
from core.versions import RuleChange
from legacy.bridges.agent import replacing
from legacy.models import AgentPath, RolloutRule, RolloutVersion, RunPath
from legacy.rollout.shadow import build_shadowed_class

PATHS_BY_CAUTION = (AgentPath.LEGACY, AgentPath.SHADOW, AgentPath.MODERN)
"""If two rules of a kind apply to a user, the first of these paths is taken."""
RULE_COLUMNS = ("agent", "path", "percentage", "group_id", "user_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRule:
    """A rule for a user, a group or a percentage of all users: one of the three."""

    agent: str
    path: AgentPath
    percentage: int | None = None
    group_id: int | None = None
    user_id: UUID | None = None


def evaluate_path(agent: str, user_id: UUID, groups: Collection[int], rules: Iterable[PathRule]) -> AgentPath:
    """Return the path by the user's own rules, else by their groups', else by the percentages; otherwise legacy."""
    agent_rules = [rule for rule in rules if rule.agent == agent]
    own = [rule.path for rule in agent_rules if rule.user_id == user_id]
    shared = [rule.path for rule in agent_rules if rule.group_id in groups]
    for found in (own, shared):
        if found:
            return next(path for path in PATHS_BY_CAUTION if path in found)
    return _evaluate_percentages(hash_to_percentile(user_id, agent), agent_rules)


def hash_to_percentile(user_id: UUID, agent: str) -> int:
    """Return 0 to 99: always the same for a user and an agent, and another one for each agent.

    A user below a percentage stays below it when it is raised. The key is no secret, because secrets can change, and
    users do not choose their ids.
    """
    digest = blake2b(user_id.bytes, key=agent.encode()[:64], digest_size=8).digest()
    return int.from_bytes(digest, "big") % 100


def _evaluate_percentages(percentile: int, rules: Iterable[PathRule]) -> AgentPath:
    """Modern goes before shadow: with 10 % modern and 100 % shadow, 90 % get the shadow."""
    reached = {rule.path for rule in rules if rule.percentage is not None and percentile < rule.percentage}
    for path in (AgentPath.MODERN, AgentPath.SHADOW):
        if path in reached:
            return path
    return AgentPath.LEGACY


def load_rules(user_id: UUID, agents: Collection[str]) -> tuple[PathRule, ...]:
    """Return the rules that may apply to the user. Rules for other users are not read."""
    enabled = RolloutRule.objects.filter(enabled=True, agent__in=agents)
    rows = (enabled.filter(user=None) | enabled.filter(user_id=user_id)).values(*RULE_COLUMNS)
    return tuple(PathRule(**{**row, "path": AgentPath(row["path"])}) for row in rows)


def load_groups(user_id: UUID, rules: Collection[PathRule]) -> frozenset[int]:
    """Return the user's groups. They are only read if a rule is for a group."""
    if not any(rule.group_id is not None for rule in rules):
        return frozenset()
    return frozenset(User.groups.through._default_manager.filter(user_id=user_id).values_list("group_id", flat=True))


def resolve_paths(context: UserExecutionContext, agents: Collection[str]) -> Mapping[str, AgentPath]:
    """Return the paths of an earlier attempt; for other agents, evaluate the rules and store the result."""
    if not agents:
        return {}
    known = _load_run_paths(context)
    new = [agent for agent in agents if agent not in known]
    if not new:
        return known
    rules = load_rules(context.user_id, new)
    groups = load_groups(context.user_id, rules)
    decided = {agent: evaluate_path(agent, context.user_id, groups, rules) for agent in new}
    _store_run_paths(context, decided)
    return {**known, **decided}


def _load_run_paths(context: UserExecutionContext) -> Mapping[str, AgentPath]:
    if context.attempt == 1:
        return {}
    with as_user(context.user_id):
        rows = RunPath.objects.for_user(context.user_id).filter(run_id=context.run_id)
        return {agent: AgentPath(path) for agent, path in rows.values_list("agent", "path")}


def _store_run_paths(context: UserExecutionContext, decided: Mapping[str, AgentPath]) -> None:
    now, ids = datetime.now(UTC), {"owner_id": context.user_id, "run_id": context.run_id}
    with as_user(context.user_id):
        RunPath.objects.bulk_create([RunPath(**ids, agent=agent, path=path, at=now) for agent, path in decided.items()])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """The agents' classes by name. An agent without a legacy form is modern for all users."""

    modern: AgentClasses
    legacy: AgentClasses
    shadow: AgentClasses

    async def __call__(self, job: RunJob) -> AgentClasses:
        paths = await run_in_shared_thread(resolve_paths, job.context, tuple(self.legacy))
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
        raise Defect(f"{kind.__name__} can't replace {name!r}: no such agent. The agents are {', '.join(modern)}.")
    if not issubclass(kind, BaseAgent):
        return replacing(modern[name], kind)
    if kind.name != name:
        raise Defect(f"{kind.__name__} can't replace {name!r}: its name is {kind.name!r}")
    return kind


def roll_back_agent(agent: str, change: RuleChange) -> int:
    """Disable all rules that select another form than the legacy agent, from the next run on.

    Returns the number of these rules.
    """
    with transaction.atomic():
        enabled = RolloutRule.objects.select_for_update().filter(agent=agent, enabled=True)
        rules = list(enabled.exclude(path=AgentPath.LEGACY).order_by("pk"))
        for rule in rules:
            rule.enabled = False
            rule.save_version(change)
    return len(rules)


def redact_mentions(instance: User, **_: Any) -> None:
    """Remove a user from the reasons of all versions, before they are deleted and in the same transaction."""
    word = compile_mentions(instance)
    for pk, why in RolloutVersion.objects.values_list("pk", "why").iterator():
        redacted = word.sub(ERASED_NAME, why)
        if redacted != why:
            RolloutVersion.objects.filter(pk=pk).update(why=redacted)
