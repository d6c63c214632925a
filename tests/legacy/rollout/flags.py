"""The rollout's flags as an operator sets them."""

from typing import Any
from uuid import uuid4

from core.versions import RuleChange
from legacy.models import AgentPath, RolloutRule

CHANGE = RuleChange(actor_id=uuid4(), actor="ada", why="a test")


def ruled(path: AgentPath, agent: str = "data", **whom: Any) -> RolloutRule:
    rule = RolloutRule(agent=agent, path=path, **whom)
    rule.save_version(CHANGE)
    return rule
