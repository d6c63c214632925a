"""Questions about a log by a typed query, outside a conversation: docs/protocol.md ("Queries")."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from pydantic import ValidationError
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from core.api.views import StrictView, hold_computing_slot, request_context
from core.exceptions import BadInput
from core.i18n.language import Language, match_language
from core.i18n.text import text
from workloads.analysis.analysis import Analysis
from workloads.api.configuration import get_data_dir, get_price_file, get_process_limits
from workloads.api.query_serializers import (
    QueryResultSerializer,
    QueryRowsResultSerializer,
    QueryRowsSerializer,
    QuerySerializer,
)
from workloads.log_queries import answer_query
from workloads.logs import get_log
from workloads.query.query import MeasureArguments, QueryArguments, RequestsArguments
from workloads.query.result import Cell, Column, QueryResult

MAX_SECONDS = 60
"""Of a query over REST, whose caller waits."""

Arguments = TypeVar("Arguments", bound=QueryArguments)
T = TypeVar("T")


class QueryActions(StrictView, ViewSet):
    """The actions that ask about a log."""

    @extend_schema(request=QuerySerializer, responses=QueryResultSerializer)
    @action(detail=True, methods=["post"], url_path="query", url_name="query")
    def ask_query(self, request: Request, pk: UUID) -> Response:
        """Return the figures that a typed query asks for."""
        serializer = QuerySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = parse_query(MeasureArguments, {"query": serializer.validated_data["query"]})
        result = _ask(request, pk, lambda analysis: analysis.measure(asked))
        return Response(present_result(result, _get_language(request), with_sql=serializer.validated_data["sql"]))

    @extend_schema(request=QueryRowsSerializer, responses=QueryRowsResultSerializer)
    @action(detail=True, methods=["post"], url_path="query/rows", url_name="query-rows")
    def list_query_rows(self, request: Request, pk: UUID) -> Response:
        """Return a page of the requests that a typed query is about, without prompts."""
        serializer = QueryRowsSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = parse_query(RequestsArguments, serializer.validated_data)
        found = _ask(request, pk, lambda analysis: analysis.list_requests(asked))
        end = asked.offset + len(found.rows)
        return Response(
            {
                "columns": [_present_column(column, _get_language(request)) for column in found.columns],
                "rows": _present_rows(found.rows),
                "found": found.found,
                "total_spend": present_cell(found.total_spend),
                "next": end if found.rows and end < found.found else None,
            }
        )


def parse_query(kind: type[Arguments], data: Mapping[str, Any]) -> Arguments:
    """Return the arguments. Raises BadInput, with the first fields that are wrong."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc']))[:100]}: {item['msg'][:200]}" for item in error.errors()[:5]
        )
        raise BadInput(text("Invalid query: {wrong}.", wrong=wrong)) from error


def _ask(request: Request, pk: UUID, question: Callable[[Analysis], T]) -> T:
    user_id = request_context(request).user_id
    get_log(user_id, pk)  # another user's is not found, however busy the server is
    with hold_computing_slot(request):
        return answer_query(
            user_id,
            pk,
            question,
            data_dir=get_data_dir(),
            # Named like the scratch folder of a run, so that what a crash leaves behind is pruned.
            temp=get_data_dir() / "scratch" / f"{pk}-{time.time_ns()}",
            limits=get_process_limits(),
            seconds=MAX_SECONDS,
            price_file=get_price_file(),
        )


def _get_language(request: Request) -> Language:
    return match_language(request_context(request).locale)


def present_result(result: QueryResult, language: Language, *, with_sql: bool) -> dict[str, Any]:
    """Return a result as JSON data."""
    shown: dict[str, Any] = {
        "columns": [_present_column(column, language) for column in result.columns],
        "rows": _present_rows(result.rows),
        "total": [present_cell(cell) for cell in result.total],
        "rest": None if result.rest is None else [present_cell(cell) for cell in result.rest],
        "groups": result.groups,
        "requests": result.requests,
        "unpriced_requests": result.unpriced_requests,
        "formulas": [
            {"measure": name, "formula": language.translate(formula)}
            for name, formula in zip(result.query.measures, result.formulas, strict=False)
        ],
        "missing": [
            {"measure": each.measure, "why": language.translate(each.why), "field": each.field}
            for each in result.missing
        ],
        "unknown": [
            {"field": each.field, "value": each.value, "nearest": list(each.nearest)} for each in result.unknown
        ],
    }
    if with_sql:
        shown |= {"sql": result.sql, "values": [present_cell(cell) for cell in result.values]}
    return shown


def _present_column(column: Column, language: Language) -> dict[str, Any]:
    return {
        "name": column.name,
        "title": language.translate(column.title),
        "unit": None if column.unit is None else str(column.unit),
    }


def _present_rows(rows: Iterable[Iterable[Cell]]) -> list[list[Any]]:
    return [[present_cell(cell) for cell in row] for row in rows]


def present_cell(cell: Cell) -> str | int | float | None:
    """Return a cell as JSON data: exact figures as decimal strings, dates as ISO 8601."""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return cell.isoformat() if isinstance(cell, date) else cell
