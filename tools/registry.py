"""Every tool there is: one file each, one line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tools import (
    combine_levers,
    estimate_lever,
    inspect_workload,
    list_levers,
    measure_prefix_cache,
    plan_actions,
    price_workload,
    profile_workload,
    write_report,
)
from tools.base import Tool

DECLARED: tuple[Tool[Any], ...] = (
    inspect_workload.TOOL,
    profile_workload.TOOL,
    price_workload.TOOL,
    measure_prefix_cache.TOOL,
    list_levers.TOOL,
    estimate_lever.TOOL,
    combine_levers.TOOL,
    plan_actions.TOOL,
    write_report.TOOL,
)

TOOLS: Mapping[str, Tool[Any]] = MappingProxyType({tool.name: tool for tool in DECLARED})
"""By name. That no name is there twice is looked at by `manage.py check` (tools/checks.py)."""
