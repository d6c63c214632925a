"""Gaps of a log: measures that it cannot give, why and what would tell; and values of filters that no request has, with
the most similar ones."""

from collections.abc import Mapping
from types import MappingProxyType

from rapidfuzz import fuzz, process

from core.i18n.text import Text, text
from workloads.analysis.granularity import explain_aggregation, explain_missing_latency
from workloads.analysis.priced_log import PricedLog
from workloads.query.dimensions import DIMENSIONS, Dimension, DimensionKind, index_dimensions
from workloads.query.measure import Measure, MissingMeasure
from workloads.query.query import Filter, Operator, Query
from workloads.query.relation import has_only_days
from workloads.query.result import UnknownValue, to_cell
from workloads.query.sql import build_source, start_statement

_LATENCY_COLUMNS = frozenset({"latency_ms"})

FIELD_OF_COLUMN: Mapping[str, str] = MappingProxyType(
    {
        "at": "time",
        "ok": "status",
        "end_user": "user",
        "cache_read": "cached_tokens",
        "cache_write": "cache_write_tokens",
    }
)
"""The fields (docs/formats.md) of columns that have another name."""

ABSENT: Mapping[str, Text] = MappingProxyType(
    {
        "latency_ms": text("The log has no latencies."),
        "first_token_ms": text("The log has no times to the first token."),
        "time": text("The log has no times."),
        "status": text("The log doesn't say which requests failed."),
        "user": text("The log doesn't name users."),
    }
)
"""What a log without a field lacks, where the field's name says less."""

MAX_COMPARED = 2_000
MAX_EXPLAINED = 10
MAX_NEAREST = 3
MIN_SIMILARITY = 60
"""Per cent of rapidfuzz's weighted ratio: "suport" and "support" have 92."""


def explain_missing_measure(log: PricedLog, measure: Measure) -> MissingMeasure | None:
    """Return why the log cannot give `measure`, or None if it can."""
    absent = [column for column in measure.columns if not log.has_columns(column)]
    if absent:
        field = FIELD_OF_COLUMN.get(absent[0], absent[0])
        why = ABSENT.get(field) or text("The log has no column for {field}.", field=field.replace("_", " "))
        return MissingMeasure(measure=measure.name, why=why, field=field)
    if measure.per_request and (reason := explain_aggregation(log)):
        why = text("Rows are totals of several requests: {why}", why=reason)
        return MissingMeasure(measure=measure.name, why=why, field="request_id")
    if _LATENCY_COLUMNS.intersection(measure.columns) and (reason := explain_missing_latency(log)):
        return MissingMeasure(measure=measure.name, why=reason, field="latency_ms")
    if (
        measure.unit.startswith("usd")
        and measure.name not in ("logged_spend", "stated_spend")
        and not (log.prices.models or log.has_columns("logged_cost"))
    ):
        why = text("No model of the log has a price.")
        return MissingMeasure(measure=measure.name, why=why, field="model")
    return None


def explain_missing_times(log: PricedLog, dimension: str) -> Text | None:
    """Return why the log cannot tell hours or minutes, or None if it can, or if `dimension` does not need them."""
    known = DIMENSIONS.get(dimension)
    if known is None or not known.needs:
        return None
    if has_only_days(log):
        return text("The log has days, but no times of day. A log with the time of each request would show it.")
    if known.needs == "minute" and (reason := explain_aggregation(log)):
        return text(
            "Rows are totals of several requests: {why} A log with the time of each request would show it.", why=reason
        )
    return None


def list_unknown_values(log: PricedLog, query: Query) -> tuple[UnknownValue, ...]:
    """Return the values of a query's filters that no request of the log has."""
    dimensions = index_dimensions(log)
    asked = [
        (dimensions[each.field], value)
        for each in query.where
        if each.operator is Operator.IS and each.field in dimensions
        if dimensions[each.field].kind is DimensionKind.NAME
        for value in each.values
        if isinstance(value, str)
    ]
    found = (_explain(log, dimension, value) for dimension, value in asked[:MAX_EXPLAINED])
    return tuple(each for each in found if each is not None)


def _explain(log: PricedLog, dimension: Dimension, value: str) -> UnknownValue | None:
    statement = start_statement(log)
    one = Query(where=(Filter(field=dimension.name, values=(value,)),))
    if log.fetch_all(f"SELECT 1 FROM ({build_source(one, statement)}) LIMIT 1", statement.values):
        return None
    names = _list_values(log, dimension)
    nearest = process.extract(
        value, names, scorer=fuzz.WRatio, processor=str.casefold, limit=MAX_NEAREST, score_cutoff=MIN_SIMILARITY
    )
    return UnknownValue(
        field=dimension.name,
        value=str(to_cell(value)),
        private=dimension.is_private,
        nearest=tuple(str(to_cell(name)) for name, *_ in nearest),
    )


def _list_values(log: PricedLog, dimension: Dimension) -> list[str]:
    statement = start_statement(log)
    source = build_source(Query(by=(dimension.name,)), statement)
    sql = f"""SELECT DISTINCT left({dimension.sql}, 200) AS value FROM ({source})
        WHERE value IS NOT NULL LIMIT {MAX_COMPARED}"""
    return [value for (value,) in log.fetch_all(sql, statement.values)]
