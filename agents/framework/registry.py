"""The agents below the supervisor, in the order of a run: one file each, one line here.

NETRA_ROSTER names the function that selects the agents of a run."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django.utils.module_loading import import_string

from agents.framework.agent import BaseAgent
from agents.run_queue import RunJob
from agents.team.actions import ActionsAgent
from agents.team.analyst import AnalystAgent
from agents.team.data import DataAgent
from agents.team.optimization import OptimizationAgent
from agents.team.reconciliation import ReconciliationAgent
from agents.team.reporting import ReportingAgent
from agents.team.triage import ReportTriageAgent, TriageAgent
from core.exceptions import Defect, OperatorError
from tools.base import Tool

AGENTS: Mapping[str, type[BaseAgent[Any]]] = MappingProxyType(
    {
        "triage": TriageAgent,
        "data": DataAgent,
        "reconciliation": ReconciliationAgent,
        "optimization": OptimizationAgent,
        "actions": ActionsAgent,
        "reporting": ReportingAgent,
        "analyst": AnalystAgent,
    }
)

AgentClasses = Mapping[str, type[BaseAgent[Any]]]
AgentSelector = Callable[[RunJob], Awaitable[AgentClasses]]
"""Called at the start of each attempt at a run, so that a change applies from the next run on. NETRA_ROSTER names one
by its dotted path. It returns the agents of AGENTS by name, some perhaps replaced by other classes."""


async def select_all_agents(job: RunJob) -> AgentClasses:
    return AGENTS


def list_tools(agents: Iterable[type[BaseAgent[Any]]], catalog: Mapping[str, Tool[Any]]) -> tuple[Tool[Any], ...]:
    """Return the tools that these agents may call, each once."""
    return tuple(catalog[name] for name in dict.fromkeys(name for agent in agents for name in agent.tools))


async def select_report_agents(select: AgentSelector, job: RunJob) -> AgentClasses:
    """Return the agents that `select` returns, for a command that always writes a report."""
    agents = await select(job)
    return {**agents, TriageAgent.name: ReportTriageAgent} if agents[TriageAgent.name] is TriageAgent else agents


def load_agent_selector(roster: str) -> AgentSelector:
    """Import the function that NETRA_ROSTER names. Raises OperatorError if it cannot be used."""
    try:
        selector: AgentSelector = import_string(roster)
    except (ImportError, Defect) as error:
        raise OperatorError(f"NETRA_ROSTER={roster} could not be loaded: {error}") from error
    return selector
