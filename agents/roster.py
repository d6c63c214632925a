"""Who takes part in a run: the same agents for everybody, unless an installation says otherwise."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from agents.base import BaseAgent
from agents.catalog import AGENTS
from agents.leases import Claim

Agents = Mapping[str, type[BaseAgent[Any]]]
Roster = Callable[[Claim], Awaitable[Agents]]
"""Asked at the start of each attempt at a run: what is changed holds from the next run on. NETRA_ROSTER names one by
its dotted path. It gives the agents of `agents.catalog` by their names, some perhaps in another shape."""


async def everyone(claim: Claim) -> Agents:
    return AGENTS
