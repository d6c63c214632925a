"""Rollout rules as an operator sets them."""

from typing import Any
from uuid import uuid4

from core.versions import RuleChange
from legacy.models import AgentPath, RolloutRule

CHANGE = RuleChange(actor_id=uuid4(), actor="ada", why="a test")


def add_rule(path: AgentPath, agent: str = "data", **target: Any) -> RolloutRule:
    rule = RolloutRule(agent=agent, path=path, **target)
    rule.save_version(CHANGE)
    return rule
