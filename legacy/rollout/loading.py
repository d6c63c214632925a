"""The rules that hold at this moment, from the database: two queries, and nothing is kept."""

from collections.abc import Collection
from uuid import UUID

from legacy.models import AgentPath, RolloutRule
from legacy.rollout.rule import Rule
from netra.core.models import User

COLUMNS = ("agent", "path", "percentage", "group_id", "user_id")


def rules_for(user_id: UUID, agents: Collection[str]) -> tuple[Rule, ...]:
    """Those that may concern the user. Rules to other people are not read."""
    there = RolloutRule.objects.filter(enabled=True, agent__in=agents)
    rows = (there.filter(user=None) | there.filter(user_id=user_id)).values(*COLUMNS)
    return tuple(Rule(**{**row, "path": AgentPath(row["path"])}) for row in rows)


def groups_of(user_id: UUID, rules: Collection[Rule]) -> frozenset[int]:
    """Asked for only where a rule names a group."""
    if not any(rule.group_id is not None for rule in rules):
        return frozenset()
    return frozenset(User.groups.through._default_manager.filter(user_id=user_id).values_list("group_id", flat=True))
