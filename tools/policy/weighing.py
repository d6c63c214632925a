"""Whether a rule applies to a call, and if not, why not."""

from datetime import datetime
from typing import Any

from tools.base import Tool
from tools.policy.rule import Rule
from tools.policy.subject import Subject


def held_back(rule: Rule, subject: Subject, tool: Tool[Any], now: datetime) -> str | None:
    """Why the rule does not apply, in an operator's words; None where it does. Whatever it names must fit."""
    return _by_time(rule, now) or _by_tool(rule, tool) or _by_subject(rule, subject)


def _by_time(rule: Rule, now: datetime) -> str | None:
    if not rule.enabled:
        return "It is switched off."
    if rule.valid_from is not None and now < rule.valid_from:
        return f"It begins at {rule.valid_from:%Y-%m-%d %H:%M} UTC."
    if rule.valid_until is not None and now >= rule.valid_until:
        return f"It ended at {rule.valid_until:%Y-%m-%d %H:%M} UTC."
    return None


def _by_tool(rule: Rule, tool: Tool[Any]) -> str | None:
    if rule.tool and rule.tool != tool.name:
        return f"It is for the tool {rule.tool}."
    if rule.category and rule.category != tool.category:
        return f"It is for the category {rule.category}."
    return None


def _by_subject(rule: Rule, subject: Subject) -> str | None:
    if rule.user_id is not None and rule.user_id != subject.user_id:
        return "It is to another user."
    if rule.group_id is not None and rule.group_id not in subject.groups:
        return "It is to a group that the user is not in."
    if rule.plan_id is not None and (subject.plan is None or rule.plan_id != subject.plan.id):
        return "It is to a plan that the user is not on."
    return None
