"""The questions about a log that a typed query asks: their arguments, their results, and what computes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from workloads.analysis.priced_log import PricedLog
from workloads.query.anomalies import Anomalies, find_anomalies
from workloads.query.arguments import (
    AnomaliesArguments,
    ChangeArguments,
    DescribeArguments,
    ForecastArguments,
    MeasureArguments,
    QueryArguments,
    RequestsArguments,
    WhatIfArguments,
)
from workloads.query.change.explanation import explain_change
from workloads.query.change.sides import Change, ChangeSide, measure_side
from workloads.query.forecast import Forecast, forecast_spend
from workloads.query.measuring import measure
from workloads.query.requests import RequestList, list_requests
from workloads.query.result import QueryResult
from workloads.query.values import LogDescription, describe_log
from workloads.query.what_if import WhatIfResult, suppose


@dataclass(frozen=True, slots=True)
class QueryQuestion:
    """A question: what its arguments are, what it returns, and how that is computed."""

    arguments: type[QueryArguments]
    result: type
    compute: Callable[[PricedLog, Any], Any]


def _list_requests(log: PricedLog, asked: RequestsArguments) -> RequestList:
    return list_requests(
        log,
        asked.query,
        order_by=asked.order_by,
        descending=asked.descending,
        limit=asked.limit,
        offset=asked.offset,
    )


QUESTIONS: Mapping[str, QueryQuestion] = MappingProxyType(
    {
        "measure": QueryQuestion(MeasureArguments, QueryResult, lambda log, asked: measure(log, asked.query)),
        "explain_change": QueryQuestion(
            ChangeArguments, Change, lambda log, asked: explain_change(log, asked.before, asked.after)
        ),
        "change_side": QueryQuestion(
            MeasureArguments, ChangeSide, lambda log, asked: measure_side(log, asked.query, with_values=True)
        ),
        "what_if": QueryQuestion(WhatIfArguments, WhatIfResult, suppose),
        "forecast": QueryQuestion(
            ForecastArguments,
            Forecast,
            lambda log, asked: forecast_spend(log, asked.query, asked.start, asked.end),
        ),
        "find_anomalies": QueryQuestion(
            AnomaliesArguments, Anomalies, lambda log, asked: find_anomalies(log, asked.query, asked.dimension)
        ),
        "list_requests": QueryQuestion(RequestsArguments, RequestList, _list_requests),
        "describe_log": QueryQuestion(DescribeArguments, LogDescription, lambda log, _: describe_log(log)),
    }
)
"""By name. Two of them are parts of comparisons of two logs."""
