from pathlib import Path

from netra.core.models import User
from netra.operating.base import Concern, Reach
from tests.agents.claimed import connection


def reach_of(operator: User, concern: Concern | None) -> Reach:
    """As a dispatcher that has admitted a call hands it to the tool."""
    return Reach(context=connection(operator), operator=operator.username, concern=concern, data_dir=Path("nowhere"))
