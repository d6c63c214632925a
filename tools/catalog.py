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

TOOLS: Mapping[str, Tool[Any]] = MappingProxyType(
    {
        "inspect_workload": inspect_workload.TOOL,
        "profile_workload": profile_workload.TOOL,
        "price_workload": price_workload.TOOL,
        "measure_prefix_cache": measure_prefix_cache.TOOL,
        "list_levers": list_levers.TOOL,
        "estimate_lever": estimate_lever.TOOL,
        "combine_levers": combine_levers.TOOL,
        "plan_actions": plan_actions.TOOL,
        "write_report": write_report.TOOL,
    }
)
