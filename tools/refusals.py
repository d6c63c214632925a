"""Why a call came to nothing, each kind typed, so that a model can adapt and a user understands.

ToolRefused             the call was not made
├── UnknownTool         no such tool within this agent's reach
└── InvalidArguments    the arguments do not fit the tool's input
ToolFailed              the call was made and did not succeed
└── ToolTimeout         it took longer than the tool's limit
"""

from netra.core.exceptions import UserError


class ToolRefused(UserError):
    code = "tool_refused"


class UnknownTool(ToolRefused):
    code = "unknown_tool"


class InvalidArguments(ToolRefused):
    code = "invalid_arguments"


class ToolFailed(UserError):
    code = "tool_failed"


class ToolTimeout(ToolFailed):
    code = "tool_timeout"
