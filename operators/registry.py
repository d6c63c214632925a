"""All operator tools: one file each, one line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from operators.base import OperatorTool
from operators.tools import (
    ask_consent,
    cancel_run,
    change_grant,
    engine_health,
    inspect_runs,
    prune,
    read_conversation,
    stream_health,
    usage_by_user,
)

OPERATOR_TOOLS: Mapping[str, OperatorTool[Any]] = MappingProxyType(
    {
        "inspect_runs": inspect_runs.TOOL,
        "cancel_run": cancel_run.TOOL,
        "change_grant": change_grant.TOOL,
        "stream_health": stream_health.TOOL,
        "engine_health": engine_health.TOOL,
        "prune": prune.TOOL,
        "usage_by_user": usage_by_user.TOOL,
        "ask_consent": ask_consent.TOOL,
        "read_conversation": read_conversation.TOOL,
    }
)
