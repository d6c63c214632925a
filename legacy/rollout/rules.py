"""The rollout's rules as values, and which of them decides."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

from legacy.models import AgentPath

CAREFUL = (AgentPath.LEGACY, AgentPath.SHADOW, AgentPath.MODERN)
"""Where two rules of a kind hold for somebody, the first of these is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """For a user, a group or a percentage of all users; one of the three."""

    agent: str
    path: AgentPath
    percentage: int | None = None
    group_id: int | None = None
    user_id: UUID | None = None


def path_of(agent: str, user_id: UUID, groups: Collection[int], rules: Iterable[Rule]) -> AgentPath:
    """The user's own rule, else their groups', else what their place among all users says; otherwise legacy."""
    mine = [rule for rule in rules if rule.agent == agent]
    own = [rule.path for rule in mine if rule.user_id == user_id]
    shared = [rule.path for rule in mine if rule.group_id in groups]
    for found in (own, shared):
        if found:
            return next(path for path in CAREFUL if path in found)
    return _by_percentage(place(user_id, agent), mine)


def place(user_id: UUID, agent: str) -> int:
    """0 to 99, the same for good, and for each agent another one.

    Who has a place below a percentage stays below it as it is raised. No secret is in it, as one may be exchanged,
    and nobody chooses their own id.
    """
    digest = blake2b(user_id.bytes, key=agent.encode()[:64], digest_size=8).digest()
    return int.from_bytes(digest, "big") % 100


def _by_percentage(mine: int, rules: Iterable[Rule]) -> AgentPath:
    """Whom modern does not reach, shadow may: 10 % modern beside 100 % shadow leaves 90 % in the shadow."""
    reached = {rule.path for rule in rules if rule.percentage is not None and mine < rule.percentage}
    for path in (AgentPath.MODERN, AgentPath.SHADOW):
        if path in reached:
            return path
    return AgentPath.LEGACY
