"""The names that occur in a log, by dimension, to understand questions with: bounded, the most spend first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from workloads.analysis.priced_log import PricedLog
from workloads.query.dimensions import DimensionKind, list_dimensions

MAX_VALUES = 1_000
UNNAMED = frozenset({"session", "status", "streaming"})
"""Dimensions whose values nobody names in a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDescription:
    """The dimensions of a log with their values, at most MAX_VALUES of each, and its first and last day.

    They are None for a log without dates.
    """

    values: Mapping[str, tuple[str, ...]]
    first: date | None
    last: date | None


def describe_log(log: PricedLog) -> LogDescription:
    values: dict[str, tuple[str, ...]] = {}
    for dimension in list_dimensions(log):
        if dimension.kind is not DimensionKind.NAME:
            continue
        found = (
            []
            if dimension.name in UNNAMED
            else log.fetch_all(
                f"""SELECT {dimension.sql} AS value FROM priced WHERE {dimension.sql} IS NOT NULL GROUP BY value
                    ORDER BY sum(cost) DESC NULLS LAST, count(*) DESC, value LIMIT {MAX_VALUES}"""
            )
        )
        values[dimension.name] = tuple(value for (value,) in found)
    first, last = (None, None)
    if log.has_times and not log.source.relative_clock:
        first, last = log.fetch_one('SELECT min("at")::DATE, max("at")::DATE FROM log.requests')
    return LogDescription(values=values, first=first, last=last)
