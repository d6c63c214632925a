from pathlib import Path

from core.models import User
from operators.base import OperatorTarget, OperatorToolContext
from tests.agents.claimed_runs import connection


def make_tool_context(operator: User, target: OperatorTarget | None) -> OperatorToolContext:
    """Return the context that a dispatcher gives to a tool for an admitted call."""
    return OperatorToolContext(
        context=connection(operator), operator=operator.username, target=target, data_dir=Path("nowhere")
    )
