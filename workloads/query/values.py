"""The vocabulary of one log: its dimensions with their values, its measures, and its days.

Bounded, and the values with the most spend first, so that questions can be understood by them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from core.i18n.text import Text
from workloads.analysis.priced_log import PricedLog
from workloads.query.dimensions import Dimension, DimensionKind, list_dimensions
from workloads.query.measure import MissingMeasure
from workloads.query.measures import MEASURES
from workloads.query.missing import explain_missing_measure
from workloads.query.query import Query
from workloads.query.result import MAX_NAME_LENGTH
from workloads.query.sql import build_source, start_statement

MAX_VALUES = 1_000
UNNAMED = frozenset({"session", "status", "streaming"})
"""Dimensions whose values nobody names in a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedDimension:
    """A dimension of a log and its values, at most MAX_VALUES, those with the most spend first.

    `kept`: it is a further column of the user's file. `private`: no remote model may get its values.
    """

    name: str
    title: Text
    kind: DimensionKind
    kept: bool
    private: bool
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDescription:
    """The dimensions and measures of a log, its first and last day (None for a log without dates), and its rows.

    `missing` are the measures that the log cannot give, and why. `sums`: rows are totals of several requests.
    """

    dimensions: tuple[DescribedDimension, ...]
    measures: tuple[str, ...]
    missing: tuple[MissingMeasure, ...]
    first: date | None
    last: date | None
    rows: int
    sums: bool

    @property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """The values of our own dimensions, by name."""
        return MappingProxyType(
            {each.name: each.values for each in self.dimensions if each.kind is DimensionKind.NAME and not each.kept}
        )


def describe_log(log: PricedLog) -> LogDescription:
    missing = [found for measure in MEASURES.values() if (found := explain_missing_measure(log, measure))]
    absent = {each.measure for each in missing}
    first, last = (None, None)
    if log.has_times and not log.source.relative_clock:
        first, last = log.fetch_one('SELECT min("at")::DATE, max("at")::DATE FROM log.requests')
    return LogDescription(
        dimensions=tuple(_describe(log, dimension) for dimension in list_dimensions(log)),
        measures=tuple(name for name in MEASURES if name not in absent),
        missing=tuple(missing),
        first=first,
        last=last,
        rows=log.source.rows,
        sums=log.has_sums,
    )


def _describe(log: PricedLog, dimension: Dimension) -> DescribedDimension:
    is_named = dimension.kind is DimensionKind.NAME and dimension.name not in UNNAMED
    return DescribedDimension(
        name=dimension.name,
        title=dimension.title,
        kind=dimension.kind,
        kept=dimension.is_kept,
        private=dimension.is_private,
        values=_list_values(log, dimension) if is_named else (),
    )


def _list_values(log: PricedLog, dimension: Dimension) -> tuple[str, ...]:
    statement = start_statement(log)
    source = build_source(Query(by=(dimension.name,)), statement)
    found = log.fetch_all(
        f"""SELECT {dimension.sql} AS value FROM ({source}) WHERE length(value) <= {MAX_NAME_LENGTH} GROUP BY value
            ORDER BY sum(spend) DESC NULLS LAST, count(*) DESC, value LIMIT {MAX_VALUES}""",
        statement.values,
    )
    return tuple(value for (value,) in found)
