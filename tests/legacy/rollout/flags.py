"""The rollout's flags as an operator sets them."""

from typing import Any
from uuid import uuid4

from legacy.models import AgentPath, RolloutRule
from legacy.rollout.changes import RolloutChange, save_rule

CHANGE = RolloutChange(actor_id=uuid4(), actor="ada", why="a test")


def ruled(path: AgentPath, agent: str = "data", **whom: Any) -> RolloutRule:
    rule = RolloutRule(agent=agent, path=path, **whom)
    save_rule(rule, CHANGE)
    return rule
