"""Dimensions that group and filter the requests of a log: values of a column, or parts of the time."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from core.i18n.text import Text, text, verbatim_text
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.private_values import PRIVATE_COLUMNS
from workloads.query.measures import MEASURES


class DimensionKind(StrEnum):
    NAME = "name"  # a value of the log
    DATE = "date"  # the start of a period, as a timestamp
    NUMBER = "number"  # a part of the time, such as the hour of the day


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """A dimension. `sql` is an expression over the columns of `priced` and `local_at`, the time in the user's zone.

    `column` is the column of the log that has to hold values; empty for a further column of the user's file, which
    `log.kept` holds. `many` is the title for several values. `needs`: the times that the log must have, to the `hour`
    or to the `minute`.
    """

    name: str
    title: Text
    many: Text
    sql: str
    column: str
    kind: DimensionKind = DimensionKind.NAME
    needs: str = ""

    @property
    def is_time(self) -> bool:
        return self.kind is not DimensionKind.NAME

    @property
    def is_kept(self) -> bool:
        """Whether it is a further column of the user's file, of any meaning."""
        return not self.column

    @property
    def is_private(self) -> bool:
        """Whether no remote model may get its values."""
        return self.is_kept or self.column in PRIVATE_COLUMNS


def _column(name: str, column: str, title: Text, many: Text) -> Dimension:
    return Dimension(name=name, title=title, many=many, sql=column, column=column)


def _date(name: str, title: Text, many: Text, needs: str = "") -> Dimension:
    sql = f"date_trunc('{name}', local_at)"
    return Dimension(name=name, title=title, many=many, sql=sql, column="at", kind=DimensionKind.DATE, needs=needs)


def _time_part(name: str, sql: str, title: Text, many: Text, needs: str = "") -> Dimension:
    return Dimension(name=name, title=title, many=many, sql=sql, column="at", kind=DimensionKind.NUMBER, needs=needs)


SUCCEEDED, FAILED = "succeeded", "failed"
STREAMED, NOT_STREAMED = "streamed", "not streamed"
STANDARD_TIER = "standard"
PRICED, UNPRICED = "priced", "no price"
"""Whether a request's cost is known: by the price list, the user's own prices, or the log itself."""

DIMENSIONS: Mapping[str, Dimension] = MappingProxyType(
    {
        dimension.name: dimension
        for dimension in (
            _column("model", "model", text("Model"), text("Models")),
            _column("provider", "provider", text("Provider"), text("Providers")),
            _column("feature", "feature", text("Feature"), text("Features")),
            _column("team", "team", text("Team"), text("Teams")),
            _column("user", "end_user", text("User"), text("Users")),
            _column("customer", "customer", text("Customer"), text("Customers")),
            _column("api_key", "api_key", text("API key"), text("API keys")),
            _column("environment", "environment", text("Environment"), text("Environments")),
            _column("session", "session", text("Session"), text("Sessions")),
            _column("error", "error", text("Error"), text("Errors")),
            _column("geography", "geography", text("Region"), text("Regions")),
            Dimension(
                name="tier",
                title=text("Service tier"),
                many=text("Service tiers"),
                sql=f"coalesce(service_tier, '{STANDARD_TIER}')",
                column="service_tier",
            ),
            Dimension(
                name="status",
                title=text("Status"),
                many=text("Statuses"),
                sql=f"CASE WHEN ok THEN '{SUCCEEDED}' WHEN NOT ok THEN '{FAILED}' END",
                column="ok",
            ),
            Dimension(
                name="streaming",
                title=text("Streaming"),
                many=text("Streaming"),
                sql=f"CASE WHEN streamed THEN '{STREAMED}' WHEN NOT streamed THEN '{NOT_STREAMED}' END",
                column="streamed",
            ),
            Dimension(
                name="pricing",
                title=text("Price"),
                many=text("Prices"),
                sql=f"CASE WHEN spend IS NULL THEN '{UNPRICED}' ELSE '{PRICED}' END",
                column="row",
            ),
            _date("second", text("Second"), text("Seconds"), "minute"),
            _date("minute", text("Minute"), text("Minutes"), "minute"),
            _date("hour", text("Hour"), text("Hours"), "hour"),
            _date("day", text("Day"), text("Days")),
            _date("week", text("Week"), text("Weeks")),
            _date("month", text("Month"), text("Months")),
            _time_part("weekday", "isodow(local_at)", text("Day of the week"), text("Days of the week")),
            _time_part("hour_of_day", "hour(local_at)", text("Hour of the day"), text("Hours of the day"), "hour"),
        )
    }
)
"""By name. Weeks start on Monday, which is weekday 1."""

RESERVED_NAMES = frozenset({*MEASURES, "input_tokens", "latency_ms", "first_token_ms"})
"""Names with a meaning of their own in a query, which no column of a file takes."""

TIME_GRAINS = ("second", "minute", "hour", "day", "week", "month")


def get_dimension(name: str) -> Dimension:
    """Return what a dimension is called, also one of a further column of a file; its SQL is in `list_dimensions`."""
    known = DIMENSIONS.get(name)
    title = verbatim_text(name)
    return known or Dimension(name=name, title=title, many=title, sql="", column="")


def list_dimensions(log: PricedLog) -> tuple[Dimension, ...]:
    """Return the dimensions that the log has: ours, then the further columns of the file. No dates, no calendar."""
    known = (
        dimension
        for dimension in DIMENSIONS.values()
        if log.has_columns(dimension.column) and not (dimension.is_time and log.source.relative_clock)
    )
    return (*known, *(_to_kept(name, number) for number, name in enumerate(log.source.kept, 1)))


def index_dimensions(log: PricedLog) -> Mapping[str, Dimension]:
    """Return the dimensions that the log has, by name."""
    return MappingProxyType({dimension.name: dimension for dimension in list_dimensions(log)})


def _to_kept(column: str, number: int) -> Dimension:
    """Return the dimension of a column of the table `kept`. It is called as in the file, unless we use that name."""
    name = f"{column} (column)" if column in DIMENSIONS or column in RESERVED_NAMES else column
    title = verbatim_text(column)
    return Dimension(name=name, title=title, many=title, sql=f"k{number}", column="")
