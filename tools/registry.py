"""The registry of all tools, one line for each. A new tool is a file of its own in tools/builtin; those of one family
share one."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tools.base import Tool
from tools.builtin import (
    allocate_spend,
    compare_model,
    inspect_workload,
    lever_tools,
    measure_group_savings,
    measure_prefix_cache,
    price_workload,
    profile_workload,
    query_tools,
    reconcile_invoice,
    write_report,
)

DECLARED_TOOLS: tuple[Tool[Any], ...] = (
    inspect_workload.TOOL,
    profile_workload.TOOL,
    price_workload.TOOL,
    reconcile_invoice.TOOL,
    allocate_spend.TOOL,
    measure_prefix_cache.TOOL,
    lever_tools.LIST_LEVERS,
    lever_tools.ESTIMATE_LEVER,
    lever_tools.COMBINE_LEVERS,
    compare_model.TOOL,
    lever_tools.PLAN_ACTIONS,
    measure_group_savings.TOOL,
    write_report.TOOL,
    query_tools.DESCRIBE_LOG,
    query_tools.MEASURE,
    query_tools.COMPARE,
    query_tools.EXPLAIN_CHANGE,
    query_tools.WHAT_IF,
    query_tools.FORECAST,
    query_tools.FIND_ANOMALIES,
    query_tools.LIST_REQUESTS,
    query_tools.EXPLAIN_REQUEST,
)

TOOLS: Mapping[str, Tool[Any]] = MappingProxyType({tool.name: tool for tool in DECLARED_TOOLS})
"""By name. `manage.py check` finds a name that is used twice (tools/checks.py)."""
