"""The tools of typed queries. Each asks a question about one log of the user, or about two.

They have the same limits, read only, and may be repeated. A remote language model gets their results as QUERY_KINDS
say, but no list of single requests."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from core.i18n.text import Text, text
from tools.base import QUERY_KINDS, Category, DataKind, In, LogInput, Reuse, SideEffects, Tool, ToolContext
from workloads.analysis.analysis import Analysis
from workloads.query.anomalies import Anomalies
from workloads.query.change.sides import Change, compare_logs
from workloads.query.forecast import Forecast
from workloads.query.query import (
    AnomaliesArguments,
    ChangeArguments,
    ExplainRequestArguments,
    ForecastArguments,
    MeasureArguments,
    RequestsArguments,
    WhatIfArguments,
)
from workloads.query.request_parts import RequestParts
from workloads.query.requests import RequestList
from workloads.query.result import Comparison, QueryResult, compare_results
from workloads.query.values import LogDescription
from workloads.query.what_if import WhatIfResult


def _declare_tool(
    name: str,
    title: Text,
    description: str,
    *,
    input_type: type[In],
    run: Callable[[In, ToolContext], Awaitable[Any]],
    category: Category = Category.ANALYTICS,
    result_kinds: frozenset[DataKind] = QUERY_KINDS,
) -> Tool[In]:
    return Tool(
        name=name,
        title=title,
        description=description,
        input=input_type,
        run=run,
        category=category,
        side_effects=SideEffects.NONE,
        idempotent=True,
        reuse=Reuse.LOG,
        result_kinds=result_kinds,
        seconds=90,
        result_bytes=32_000,
    )


async def _describe_log(asked: LogInput, tool_context: ToolContext) -> LogDescription:
    return await tool_context.session.ask_about(asked.log, Analysis.describe_log)


DESCRIBE_LOG = _declare_tool(
    "describe_log",
    text("Describe the log"),
    "Returns the dimensions of the log with their values, its measures, and its first and last day.",
    input_type=LogInput,
    run=_describe_log,
    category=Category.BASIC,
)


class MeasureInput(MeasureArguments, LogInput):
    pass


async def _measure(asked: MeasureInput, tool_context: ToolContext) -> QueryResult:
    return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.measure(asked))


MEASURE = _declare_tool(
    "measure",
    text("Measure"),
    "Returns figures of the log, such as spend by team and week. A query has measures, up to three dimensions in `by`, "
    "filters in `where`, a period and a time zone. describe_log says which names there are.",
    input_type=MeasureInput,
    run=_measure,
)


class SidesInput(ChangeArguments, LogInput):
    other_log: UUID | None = None

    @property
    def is_about_other_log(self) -> bool:
        return super().is_about_other_log or self.other_log is not None


async def _compare(asked: SidesInput, tool_context: ToolContext) -> Comparison:
    before, after = MeasureArguments(query=asked.before), MeasureArguments(query=asked.after)
    if asked.other_log is None:
        return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.compare(before, after))
    first = await tool_context.session.ask_about(asked.log, lambda analysis: analysis.measure(before))
    second = await tool_context.session.ask_about(asked.other_log, lambda analysis: analysis.measure(after))
    return compare_results(first, second)


COMPARE = _declare_tool(
    "compare",
    text("Compare"),
    "Compares the figures of two queries with the same measures and dimensions: two periods or two filters. With "
    "`other_log`, `after` is asked of another log of the user.",
    input_type=SidesInput,
    run=_compare,
)


async def _explain_change(asked: SidesInput, tool_context: ToolContext) -> Change:
    if asked.other_log is None:
        return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.explain_change(asked))
    before, after = MeasureArguments(query=asked.before), MeasureArguments(query=asked.after)
    first = await tool_context.session.ask_about(asked.log, lambda analysis: analysis.measure_change_side(before))
    second = await tool_context.session.ask_about(asked.other_log, lambda analysis: analysis.measure_change_side(after))
    return await asyncio.to_thread(compare_logs, first, second)


EXPLAIN_CHANGE = _declare_tool(
    "explain_change",
    text("Explain a change"),
    "Splits the difference in spend between the requests of two queries into volume, mix, prices, tokens per request, "
    "cached share and errors, which add up, and names what changed most. With `other_log`, `after` is asked of another "
    "log of the user.",
    input_type=SidesInput,
    run=_explain_change,
)


class WhatIfInput(WhatIfArguments, LogInput):
    pass


async def _suppose(asked: WhatIfInput, tool_context: ToolContext) -> WhatIfResult:
    return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.what_if(asked))


WHAT_IF = _declare_tool(
    "what_if",
    text("Compute a what-if"),
    "Returns what the requests of a query would have cost with another model, in a batch, with more traffic, other "
    "prices, shorter outputs or no cache. `factor` multiplies traffic, prices or the length of outputs.",
    input_type=WhatIfInput,
    run=_suppose,
    category=Category.ADVANCED,
)


class ForecastInput(ForecastArguments, LogInput):
    pass


async def _forecast(asked: ForecastInput, tool_context: ToolContext) -> Forecast:
    return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.forecast(asked))


FORECAST = _declare_tool(
    "forecast",
    text("Forecast spend"),
    "Forecasts the spend of the requests of a query from the day `start` to before the day `end`, which is after the "
    "log. Gives an interval from a backtest. The log needs at least two weeks.",
    input_type=ForecastInput,
    run=_forecast,
)


class AnomaliesInput(AnomaliesArguments, LogInput):
    pass


async def _find_anomalies(asked: AnomaliesInput, tool_context: ToolContext) -> Anomalies:
    return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.find_anomalies(asked))


FIND_ANOMALIES = _declare_tool(
    "find_anomalies",
    text("Find unusual days"),
    "Returns the days on which the first measure of a query was far from usual, for all of its requests or for each "
    "value of a dimension.",
    input_type=AnomaliesInput,
    run=_find_anomalies,
)


class RequestsInput(RequestsArguments, LogInput):
    pass


async def _list_requests(asked: RequestsInput, tool_context: ToolContext) -> RequestList:
    return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.list_requests(asked))


LIST_REQUESTS = _declare_tool(
    "list_requests",
    text("List requests"),
    "Lists single requests that meet the filters of a query, such as the most expensive ones. The user sees them; they "
    "are not sent to a remote language model.",
    input_type=RequestsInput,
    run=_list_requests,
    category=Category.DATA,
    result_kinds=frozenset({DataKind.ROWS, DataKind.REQUEST_IDS, DataKind.USER_NAMES}),
)


class ExplainRequestInput(ExplainRequestArguments, LogInput):
    pass


async def _explain_request(asked: ExplainRequestInput, tool_context: ToolContext) -> RequestParts:
    return await tool_context.session.ask_about(asked.log, lambda analysis: analysis.explain_request(asked))


EXPLAIN_REQUEST = _declare_tool(
    "explain_request",
    text("Explain a request's cost"),
    "Returns what the cost of one request is made of, the first by a column such as spend: its tokens by kind, their "
    "prices, and the median request. The user sees it; it is not sent to a remote language model.",
    input_type=ExplainRequestInput,
    run=_explain_request,
    category=Category.DATA,
    result_kinds=frozenset({DataKind.ROWS, DataKind.REQUEST_IDS, DataKind.USER_NAMES}),
)
