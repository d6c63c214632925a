from pathlib import Path

from core.models import User
from operators.base import OperatorTarget, OperatorToolContext
from tests.agents.claimed_runs import connection


def reach_of(operator: User, concern: OperatorTarget | None) -> OperatorToolContext:
    """As a dispatcher that has admitted a call hands it to the tool."""
    return OperatorToolContext(
        context=connection(operator), operator=operator.username, target=concern, data_dir=Path("nowhere")
    )
