"""Values of filters that the log does not have, with the most similar ones that it has."""

from rapidfuzz import fuzz, process

from workloads.analysis.priced_log import PricedLog
from workloads.query.dimensions import Dimension, DimensionKind, index_dimensions
from workloads.query.query import Filter, Operator, Query
from workloads.query.result import UnknownValue, to_cell
from workloads.query.sql import build_source, start_statement

MAX_COMPARED = 2_000
MAX_EXPLAINED = 10
MAX_NEAREST = 3
MIN_SIMILARITY = 60
"""Per cent of rapidfuzz's weighted ratio: "suport" and "support" have 92."""


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
