"""The vocabulary of one log: its dimensions with their values, its measures, and its days.

Bounded, and the values with the most spend first, so that questions can be understood by them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from zoneinfo import ZoneInfo

from core.i18n.text import Text
from workloads.analysis.priced_log import PricedLog
from workloads.ingest.reading.row_kinds import EARLIER_ROW, GATEWAY_CACHE_HIT, REPEATED_EVENT
from workloads.pricing.prices import PriceHistory
from workloads.query.dimensions import Dimension, DimensionKind, list_dimensions
from workloads.query.measure import MissingMeasure
from workloads.query.measures import MEASURES
from workloads.query.missing import explain_missing_measure
from workloads.query.query import Query
from workloads.query.relation import has_daily_sums
from workloads.query.result import MAX_NAME_LENGTH
from workloads.query.sql import build_source, start_statement

MAX_VALUES = 1_000
UNNAMED = frozenset({"session", "status", "streaming", "pricing"})
"""Dimensions whose values nobody names in a question."""

_FIELDS = MappingProxyType(
    {
        **{name: name for name in ("model", "provider", "feature", "team", "user", "customer", "api_key")},
        **{name: name for name in ("environment", "session", "geography")},
        "tier": "service_tier",
    }
)
"""Dimensions whose values stand in a column of the file, and the fields of that."""

LISTED = frozenset({PriceHistory.DATED, PriceHistory.TODAY})
"""Prices from the price list, not from the user or from the operator's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedDimension:
    """A dimension of a log and its values, at most MAX_VALUES, those with the most spend first.

    `kept`: it is a further column of the user's file. `private`: no remote model may get its values. `column` is the
    file's column that it is read from; empty for times, and for a log with named fields only.
    """

    name: str
    title: Text
    kind: DimensionKind
    kept: bool
    private: bool
    values: tuple[str, ...]
    column: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogDescription:
    """The dimensions and measures of a log, its first and last day (None for a log without dates), and its rows.

    `missing` are the measures that the log cannot give, and why. `sums`: rows are totals of several requests.
    `first_at` and `last_at` are its first and last moment in UTC if its times have a time zone, so that they can be
    given in another one; None if they have none, or if the log sums up days. `list_date` is the ISO date of the price
    list, empty if no model has its price from there. `discounts` are those that the user gets, in percent. `makers` are
    the price list's providers with their models, where the log has no column of providers. `repeats` are the rows of
    the file that repeat a request and were left out; None if no ID would show them. `gateway_hits` are those that a
    gateway's own cache answered, left out as well; None if no column tells.
    """

    dimensions: tuple[DescribedDimension, ...]
    measures: tuple[str, ...]
    missing: tuple[MissingMeasure, ...]
    first: date | None
    last: date | None
    rows: int
    sums: bool
    first_at: datetime | None = None
    last_at: datetime | None = None
    list_date: str = ""
    discounts: tuple[Decimal, ...] = ()
    makers: tuple[tuple[str, tuple[str, ...]], ...] = ()
    repeats: int | None = None
    gateway_hits: int | None = None

    @property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """The values of our own dimensions, by name."""
        return MappingProxyType(
            {each.name: each.values for each in self.dimensions if each.kind is DimensionKind.NAME and not each.kept}
        )

    @property
    def kept_values(self) -> Mapping[str, tuple[str, ...]]:
        """The values of the file's further columns, by the names of these as dimensions."""
        return MappingProxyType({each.name: each.values for each in self.dimensions if each.kept})

    @property
    def columns(self) -> Mapping[str, str]:
        """The dimensions by the names of the file's columns that they are read from."""
        return MappingProxyType({each.column: each.name for each in self.dimensions if each.column})


def describe_log(log: PricedLog) -> LogDescription:
    missing = [found for measure in MEASURES.values() if (found := explain_missing_measure(log, measure))]
    absent = {each.measure for each in missing}
    first, last = (None, None)
    if log.has_times and not log.source.relative_clock:
        first, last = log.fetch_one('SELECT min("at"), max("at") FROM log.requests')
    is_zoned = first is not None and not log.source.naive_times and not has_daily_sums(log)
    return LogDescription(
        dimensions=tuple(_describe(log, dimension) for dimension in list_dimensions(log)),
        measures=tuple(name for name in MEASURES if name not in absent),
        missing=tuple(missing),
        first=None if first is None else first.date(),
        last=None if last is None else last.date(),
        rows=log.source.rows,
        sums=log.has_sums,
        first_at=first if is_zoned else None,
        last_at=last if is_zoned else None,
        list_date=log.prices.list_date if any(each.history in LISTED for each in log.prices.models) else "",
        repeats=_count_repeats(log),
        makers=() if log.has_columns("provider") else _list_makers(log),
        gateway_hits=_count_rejected(log, GATEWAY_CACHE_HIT) if "gateway_cache_hit" in log.source.mapping else None,
        discounts=tuple(sorted({each.discount_percent for each in log.prices.models} - {Decimal(0)})),
    )


def _list_makers(log: PricedLog) -> tuple[tuple[str, tuple[str, ...]], ...]:
    makers: dict[str, dict[str, None]] = {}
    for each in log.prices.models:
        if each.provider_id is not None and each.model is not None and not each.assumed:
            makers.setdefault(each.provider_id, {})[each.model] = None
    return tuple((maker, tuple(models)) for maker, models in makers.items())


def _count_rejected(log: PricedLog, *reasons: Text) -> int:
    return sum(each.rows for each in log.source.rejected if each.why in reasons)


def _count_repeats(log: PricedLog) -> int | None:
    found = _count_rejected(log, EARLIER_ROW, REPEATED_EVENT)
    return found if found or log.has_columns("request_id") else None


def move_to_zone(log: LogDescription, zone: str) -> LogDescription:
    """Return the description with its first and last day in a time zone, an IANA name."""
    if log.first_at is None or log.last_at is None or zone in ("", "UTC"):
        return log
    first, last = (each.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date() for each in (log.first_at, log.last_at))
    return replace(log, first=first, last=last)


def _describe(log: PricedLog, dimension: Dimension) -> DescribedDimension:
    is_named = dimension.kind is DimensionKind.NAME and dimension.name not in UNNAMED
    return DescribedDimension(
        name=dimension.name,
        title=dimension.title,
        kind=dimension.kind,
        kept=dimension.is_kept,
        private=dimension.is_private,
        values=_list_values(log, dimension) if is_named else (),
        column=dimension.name if dimension.is_kept else log.source.mapping.get(_FIELDS.get(dimension.name, ""), ""),
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
