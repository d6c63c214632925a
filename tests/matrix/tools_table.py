"""The outcome of a call of each tool. A user's tool is asked about the owner's log, whoever calls; an operators' tool
about the owner. Whoever is demoted, or deactivated, made the same call with success a moment before."""

from collections.abc import Mapping
from types import MappingProxyType

from tests.matrix.row import Row

NOBODY, NO = "no context", "not_permitted"
FAILED = "tool_failed"  # another's log is not there
LOG = Row("ok", FAILED, NOBODY, NO, NO, FAILED)
LISTS = Row("ok", "ok", NOBODY, NO, NO, "ok")  # says the same to everybody, and asks no log
OPERATE = Row(NO, NO, NOBODY, NO, NO, NO)

TOOLS_OF_USERS: Mapping[str, Row[str]] = MappingProxyType(
    {
        "inspect_workload": LOG,
        "profile_workload": LOG,
        "price_workload": LOG,
        "reconcile_invoice": LOG,
        "allocate_spend": LOG,
        "measure_prefix_cache": LOG,
        "list_levers": LISTS,
        "estimate_lever": LOG,
        "combine_levers": LOG,
        "compare_model": LOG,
        "plan_actions": LOG,
        "measure_group_savings": LOG,
        "write_report": LOG,
        "describe_log": LOG,
        "measure": LOG,
        "compare": LOG,
        "explain_change": LOG,
        "what_if": LOG,
        "forecast": LOG,
        "find_anomalies": LOG,
        "list_requests": LOG,
        "explain_request": LOG,
    }
)
TOOLS_OF_OPERATORS: Mapping[str, Row[str]] = MappingProxyType(
    {
        "inspect_runs": OPERATE,
        "cancel_run": OPERATE,
        "change_grant": OPERATE,
        "stream_health": OPERATE,
        "engine_health": OPERATE,
        "prune": OPERATE,
        "usage_by_user": OPERATE,
        "ask_consent": OPERATE,
        "read_conversation": OPERATE,
    }
)
