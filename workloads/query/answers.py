"""The questions about a log that a typed query asks, and an Analysis's answers, each kept like its other answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar, cast

from pydantic import ValidationError

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.analysis.priced_log import PricedLog
from workloads.query.anomalies import Anomalies, find_anomalies
from workloads.query.change.explanation import explain_change
from workloads.query.change.sides import Change, ChangeSide, measure_side
from workloads.query.forecast import Forecast, forecast_spend
from workloads.query.measuring import measure
from workloads.query.query import (
    AnomaliesArguments,
    ChangeArguments,
    DescribeArguments,
    ExplainRequestArguments,
    ForecastArguments,
    MeasureArguments,
    QueryArguments,
    RequestsArguments,
    WhatIfArguments,
)
from workloads.query.request_parts import RequestParts, explain_request
from workloads.query.requests import RequestList, list_requests
from workloads.query.result import Comparison, QueryResult, compare_results
from workloads.query.values import LogDescription, describe_log
from workloads.query.what_if import WhatIfResult, suppose

T = TypeVar("T")


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


def _explain_request(log: PricedLog, asked: ExplainRequestArguments) -> RequestParts:
    return explain_request(log, asked.query, order_by=asked.order_by, descending=asked.descending)


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
        "explain_request": QueryQuestion(ExplainRequestArguments, RequestParts, _explain_request),
        "describe_log": QueryQuestion(DescribeArguments, LogDescription, lambda log, _: describe_log(log)),
    }
)
"""By name. Two of them are parts of comparisons of two logs."""


class QueryAnswers:
    """Base of Analysis, which keeps answers and opens the log. Every method raises BadInput for an invalid query."""

    def measure(self, asked: MeasureArguments) -> QueryResult:
        """Return the figures that a query asks for."""
        return self._answer("measure", asked, QueryResult)

    def compare(self, before: MeasureArguments, after: MeasureArguments) -> Comparison:
        """Return two results side by side."""
        return compare_results(self.measure(before), self.measure(after))

    def explain_change(self, asked: ChangeArguments) -> Change:
        """Return why the spend of two sets of requests differs."""
        return self._answer("explain_change", asked, Change)

    def measure_change_side(self, asked: MeasureArguments) -> ChangeSide:
        """Return one side of a change between two logs (change.sides.compare_logs)."""
        return self._answer("change_side", asked, ChangeSide)

    def what_if(self, asked: WhatIfArguments) -> WhatIfResult:
        """Return what requests would have cost under a supposition."""
        return self._answer("what_if", asked, WhatIfResult)

    def forecast(self, asked: ForecastArguments) -> Forecast:
        """Return the expected spend of a period after the log."""
        return self._answer("forecast", asked, Forecast)

    def find_anomalies(self, asked: AnomaliesArguments) -> Anomalies:
        """Return unusual days."""
        return self._answer("find_anomalies", asked, Anomalies)

    def list_requests(self, asked: RequestsArguments) -> RequestList:
        """Return single requests, without prompts."""
        return self._answer("list_requests", asked, RequestList)

    def explain_request(self, asked: ExplainRequestArguments) -> RequestParts:
        """Return what the cost of the first request by a column is made of."""
        return self._answer("explain_request", asked, RequestParts)

    def describe_log(self) -> LogDescription:
        """Return what the log can be asked about."""
        return self._answer("describe_log", DescribeArguments(), LogDescription)

    def answer_query(self, name: str, arguments: str) -> object:
        """Answer a question that another process asked. Raises BadInput for an unknown one."""
        question = QUESTIONS.get(name)
        if question is None:
            raise BadInput(text("Unknown question."))
        try:
            asked = question.arguments.model_validate_json(arguments)
        except ValidationError as error:
            raise BadInput(text("Invalid query.")) from error
        return self._answer(name, asked, question.result)

    def _answer(self, name: str, asked: QueryArguments, kind: type[T]) -> T:
        question = QUESTIONS[name]
        return self._get_answer(
            ("query", name, asked.model_dump_json(include=set(question.arguments.model_fields), exclude_defaults=True)),
            kind,
            lambda: cast("T", question.compute(self._priced_log, asked)),
        )

    def _get_answer(self, question: tuple[object, ...], kind: type[T], compute: Callable[[], T]) -> T:
        raise NotImplementedError

    @property
    def _priced_log(self) -> PricedLog:
        raise NotImplementedError
