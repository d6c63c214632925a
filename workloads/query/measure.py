"""A measure: a figure of a group of requests, with its unit, its formula and the columns that it needs."""

from dataclasses import dataclass
from enum import StrEnum

from core.i18n.text import Text, text


class Unit(StrEnum):
    """Units of figures. A share is a fraction, a time is in milliseconds."""

    USD = "usd"
    USD_PER_REQUEST = "usd_per_request"
    USD_PER_USER = "usd_per_user"
    USD_PER_MILLION_TOKENS = "usd_per_million_tokens"
    REQUESTS = "requests"
    TOKENS = "tokens"
    TOKENS_PER_REQUEST = "tokens_per_request"
    SHARE = "share"
    MS = "ms"
    COUNT = "count"
    DAYS = "days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure of a group of requests. `sql` is an aggregate over `priced`.

    `is_sum`: the groups' figures add up to the total, so that a share makes sense. `per_request`: unknown where rows
    sum up requests. `columns`: those of the log that have to hold values. `formula` says how it is computed.
    """

    name: str
    title: Text
    unit: Unit
    sql: str
    formula: Text
    columns: tuple[str, ...] = ()
    is_sum: bool = False
    per_request: bool = False


REQUESTS_SQL = "CASE WHEN count(*) = count(requests) THEN sum(requests)::BIGINT END"
"""The number of requests: unknown if a row sums up an unknown number of them."""

INPUT_SQL = "fresh_input + cache_read + cache_write"
FAILED_SQL = "ok IS false"
ANSWERED_SQL = "ok IS NOT false"


def build_tokens(name: str, title: Text, sql: str, formula: Text, columns: tuple[str, ...] = ()) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=Unit.TOKENS,
        sql=f"sum({sql})::BIGINT",
        formula=formula,
        columns=columns,
        is_sum=True,
    )


def build_money(name: str, title: Text, sql: str, formula: Text, columns: tuple[str, ...] = ()) -> Measure:
    return Measure(
        name=name, title=title, unit=Unit.USD, sql=f"sum({sql})", formula=formula, columns=columns, is_sum=True
    )


def build_ratio(name: str, title: Text, unit: Unit, sql: str, formula: Text) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=unit,
        sql=f"sum({sql})::DECIMAL(38,12) / nullif({REQUESTS_SQL}, 0)",
        formula=formula,
    )


def build_percentile(name: str, title: Text, column: str, share: str) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=Unit.MS,
        sql=f"quantile_cont({column}, {share}) FILTER (WHERE {ANSWERED_SQL})",
        formula=text("percentile over the requests that did not fail, linear interpolation"),
        columns=(column,),
        per_request=True,
    )


def build_count(name: str, title: Text, column: str) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=Unit.COUNT,
        sql=f"count(DISTINCT {column})",
        formula=text("number of different values"),
        columns=(column,),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingMeasure:
    """Why a figure is unknown, and the field of a log that would make it known."""

    measure: str
    why: Text
    field: str
