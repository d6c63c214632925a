"""Serializers of typed queries and their results over REST: docs/protocol.md ("Queries")."""

from typing import Any

from rest_framework import serializers

from core.api.serializers import StrictSerializer
from workloads.query.query import MAX_FILTERS, MAX_MEASURES, MAX_ROWS, MAX_VALUES

MAX_NAME = 300
"""Characters of a name of a measure or a column."""


class FilterSerializer(StrictSerializer):
    field = serializers.CharField(max_length=MAX_NAME)
    operator = serializers.CharField(max_length=20, required=False)
    values = serializers.ListField(child=serializers.JSONField(allow_null=True), max_length=MAX_VALUES)
    than = serializers.CharField(max_length=10, required=False, allow_null=True)


class HavingSerializer(StrictSerializer):
    measure = serializers.CharField(max_length=MAX_NAME)
    operator = serializers.CharField(max_length=20)
    value = serializers.CharField(max_length=40)
    than = serializers.CharField(max_length=10, required=False, allow_null=True)


class PeriodSerializer(StrictSerializer):
    start = serializers.CharField(max_length=40, required=False, allow_null=True)
    end = serializers.CharField(max_length=40, required=False, allow_null=True)


class OrderSerializer(StrictSerializer):
    by = serializers.CharField(max_length=MAX_NAME)
    descending = serializers.BooleanField(required=False)


class TypedQuerySerializer(StrictSerializer):
    """A query as docs/protocol.md describes it. Names are checked against the log."""

    measures = serializers.ListField(
        child=serializers.CharField(max_length=MAX_NAME), max_length=MAX_MEASURES, required=False
    )
    by = serializers.ListField(child=serializers.CharField(max_length=MAX_NAME), max_length=3, required=False)
    where = FilterSerializer(many=True, max_length=MAX_FILTERS, required=False)  # type: ignore[call-arg]
    having = HavingSerializer(many=True, max_length=MAX_FILTERS, required=False)  # type: ignore[call-arg]
    period = PeriodSerializer(required=False)
    zone = serializers.CharField(max_length=100, required=False, allow_blank=True)
    order = OrderSerializer(required=False, allow_null=True)
    limit = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_ROWS)
    limit_share = serializers.CharField(max_length=40, required=False, allow_null=True)
    limit_each = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=MAX_ROWS)
    shares = serializers.BooleanField(required=False)
    statistics = serializers.ListField(child=serializers.CharField(max_length=10), max_length=7, required=False)


class QuerySerializer(StrictSerializer):
    """`sql`: also return the statement and its parameters."""

    query = TypedQuerySerializer(default=dict)
    sql = serializers.BooleanField(default=False)


class QueryRowsSerializer(StrictSerializer):
    """The requests behind a figure: those of `query`, from the one at `offset`."""

    query = TypedQuerySerializer(default=dict)
    order_by = serializers.CharField(default="spend", max_length=50)
    descending = serializers.BooleanField(default=True)
    limit = serializers.IntegerField(default=50, min_value=1, max_value=200)
    offset = serializers.IntegerField(default=0, min_value=0, max_value=1_000_000)


class ResultColumnSerializer(serializers.Serializer[Any]):
    """`unit` is null for a dimension."""

    name = serializers.CharField()
    title = serializers.CharField()
    unit = serializers.CharField(allow_null=True)


class FormulaSerializer(serializers.Serializer[Any]):
    measure = serializers.CharField()
    formula = serializers.CharField()


class MissingSerializer(serializers.Serializer[Any]):
    """A measure that the log cannot give, why, and the field that would tell it."""

    measure = serializers.CharField()
    why = serializers.CharField()
    field = serializers.CharField()


class UnknownSerializer(serializers.Serializer[Any]):
    """A value of a filter that the log does not have, and similar ones."""

    field = serializers.CharField()
    value = serializers.CharField()
    nearest = serializers.ListField(child=serializers.CharField())


class RowsField(serializers.ListField):
    child = serializers.JSONField(allow_null=True)


class QueryResultSerializer(serializers.Serializer[Any]):
    """Exact figures are decimal strings, shares fractions, dates ISO 8601. `requests` is null if unknown."""

    columns = ResultColumnSerializer(many=True)
    rows = serializers.ListField(child=RowsField())
    total = RowsField()
    rest = RowsField(allow_null=True)
    groups = serializers.IntegerField()
    requests = serializers.IntegerField(allow_null=True)
    unpriced_requests = serializers.IntegerField(allow_null=True)
    formulas = FormulaSerializer(many=True)
    missing = MissingSerializer(many=True)
    unknown = UnknownSerializer(many=True)
    sql = serializers.CharField(required=False)
    values = RowsField(required=False)


class QueryRowsResultSerializer(serializers.Serializer[Any]):
    """`found` requests meet the filters; `next` is the offset of the next page, null on the last one."""

    columns = ResultColumnSerializer(many=True)
    rows = serializers.ListField(child=RowsField())
    found = serializers.IntegerField()
    total_spend = serializers.CharField(allow_null=True)
    next = serializers.IntegerField(allow_null=True)
