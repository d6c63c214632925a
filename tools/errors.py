"""Errors of a tool call, each typed, so that a model can adapt and a user understands.

ToolRefused             the call was not made
├── UnknownTool         no such tool within this agent's reach
├── NotPermitted        a policy, a plan or the account's state forbids it
├── OverBudget          the budget is spent
├── OverCallQuota       too many calls lately, or at once
├── InvalidArguments    the arguments do not fit the tool's input
└── NeedsApproval       a policy requires an approval first
ToolFailed              the call was made and did not succeed
└── ToolTimeout         it took longer than the tool's limit
"""

from core.exceptions import UserError
from core.i18n.text import Text


class ToolRefused(UserError):
    """`rule` and `version` say which rule decided, for the audit."""

    code = "tool_refused"

    def __init__(self, message: Text, *, rule: str = "", version: int = 0) -> None:
        super().__init__(message)
        self.rule = rule
        self.version = version


class UnknownTool(ToolRefused):
    code = "unknown_tool"


class NotPermitted(ToolRefused):
    code = "not_permitted"


class OverBudget(ToolRefused):
    code = "budget_exhausted"


class OverCallQuota(ToolRefused):
    code = "quota_exceeded"


class InvalidArguments(ToolRefused):
    code = "invalid_arguments"


class NeedsApproval(ToolRefused):
    code = "approval_needed"


class ToolFailed(UserError):
    code = "tool_failed"


class ToolTimeout(ToolFailed):
    code = "tool_timeout"
