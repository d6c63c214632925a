"""Evaluate rollout rules: load them, pick a path per user and agent, and store each run's path for later attempts."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from uuid import UUID

from core.context import UserExecutionContext
from core.db import as_user
from core.models import User
from legacy.models import AgentPath, RolloutRule, RunPath

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
