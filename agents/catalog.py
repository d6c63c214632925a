"""Every agent below the supervisor, in the order of a run: one file each, one line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from agents.actions import ActionsAgent
from agents.base import BaseAgent
from agents.data import DataAgent
from agents.optimization import OptimizationAgent
from agents.reporting import ReportingAgent
from agents.triage import TriageAgent

AGENTS: Mapping[str, type[BaseAgent[Any]]] = MappingProxyType(
    {
        "triage": TriageAgent,
        "data": DataAgent,
        "optimization": OptimizationAgent,
        "actions": ActionsAgent,
        "reporting": ReportingAgent,
    }
)
