"""Run all checks of a log's figures against the log itself."""

from collections.abc import Callable

from workloads.analysis.priced_log import PricedLog
from workloads.checks.check import Check, Checks
from workloads.checks.reading_checks import check_context_windows, check_token_totals, check_unread_columns
from workloads.checks.stated_spend import check_stated_spend

CHECKS: tuple[Callable[[PricedLog], Check], ...] = (
    check_stated_spend,
    check_token_totals,
    check_context_windows,
    check_unread_columns,
)
"""In the order of the report."""


def run_checks(log: PricedLog) -> Checks:
    return Checks(checks=tuple(check(log) for check in CHECKS))
