"""The answers of an Analysis to typed queries. Each is kept like its other answers."""

from collections.abc import Callable
from typing import TypeVar, cast

from pydantic import ValidationError

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.analysis.priced_log import PricedLog
from workloads.query.anomalies import Anomalies
from workloads.query.answering import QUESTIONS
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
from workloads.query.change.sides import Change, ChangeSide
from workloads.query.comparisons import Comparison, compare_results
from workloads.query.forecast import Forecast
from workloads.query.requests import RequestList
from workloads.query.result import QueryResult
from workloads.query.values import LogDescription
from workloads.query.what_if import WhatIfResult

T = TypeVar("T")


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
