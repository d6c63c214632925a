"""The registry of all tools: one file in tools/builtin and one line here for each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tools.base import Tool
from tools.builtin import (
    allocate_spend,
    combine_levers,
    compare,
    compare_model,
    describe_log,
    estimate_lever,
    explain_change,
    find_anomalies,
    forecast,
    inspect_workload,
    list_levers,
    list_requests,
    measure,
    measure_prefix_cache,
    plan_actions,
    price_workload,
    profile_workload,
    reconcile_invoice,
    what_if,
    write_report,
)

DECLARED_TOOLS: tuple[Tool[Any], ...] = (
    inspect_workload.TOOL,
    profile_workload.TOOL,
    price_workload.TOOL,
    reconcile_invoice.TOOL,
    allocate_spend.TOOL,
    measure_prefix_cache.TOOL,
    list_levers.TOOL,
    estimate_lever.TOOL,
    combine_levers.TOOL,
    compare_model.TOOL,
    plan_actions.TOOL,
    write_report.TOOL,
    describe_log.TOOL,
    measure.TOOL,
    compare.TOOL,
    explain_change.TOOL,
    what_if.TOOL,
    forecast.TOOL,
    find_anomalies.TOOL,
    list_requests.TOOL,
)

TOOLS: Mapping[str, Tool[Any]] = MappingProxyType({tool.name: tool for tool in DECLARED_TOOLS})
"""By name. `manage.py check` finds a name that is used twice (tools/checks.py)."""
