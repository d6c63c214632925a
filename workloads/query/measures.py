"""What can be measured of a group of requests: money, counts, tokens, shares and percentiles.

Every measure states its formula, and the columns without which it is unknown."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from core.i18n.text import Text, text
from workloads.analysis.granularity import explain_aggregation, explain_missing_latency
from workloads.analysis.priced_log import PricedLog


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

    `is_sum`: the groups' figures add up to the total, so that a share makes sense. `per_request`: unknown where rows sum
    up requests. `columns`: those of the log that have to hold values. `formula` says how it is computed.
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


def _tokens(name: str, title: Text, sql: str, formula: Text, columns: tuple[str, ...] = ()) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=Unit.TOKENS,
        sql=f"sum({sql})::BIGINT",
        formula=formula,
        columns=columns,
        is_sum=True,
    )


def _money(name: str, title: Text, sql: str, formula: Text, columns: tuple[str, ...] = ()) -> Measure:
    return Measure(
        name=name, title=title, unit=Unit.USD, sql=f"sum({sql})", formula=formula, columns=columns, is_sum=True
    )


def _per_request(name: str, title: Text, unit: Unit, sql: str, formula: Text) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=unit,
        sql=f"sum({sql})::DECIMAL(38,12) / nullif({REQUESTS_SQL}, 0)",
        formula=formula,
    )


def _percentile(name: str, title: Text, column: str, share: str) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=Unit.MS,
        sql=f"quantile_cont({column}, {share}) FILTER (WHERE {ANSWERED_SQL})",
        formula=text("percentile over the requests that did not fail, linear interpolation"),
        columns=(column,),
        per_request=True,
    )


def _count_of(name: str, title: Text, column: str) -> Measure:
    return Measure(
        name=name,
        title=title,
        unit=Unit.COUNT,
        sql=f"count(DISTINCT {column})",
        formula=text("number of different values"),
        columns=(column,),
    )


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        measure.name: measure
        for measure in (
            _money("spend", text("Spend"), "cost", text("tokens × price, for each kind of token, plus fees")),
            _money(
                "input_spend",
                text("Spend on fresh input"),
                "cost_input - cache_read * p_read - cache_write * p_write",
                text("fresh input tokens × price"),
            ),
            _money(
                "cached_spend",
                text("Spend on cached input"),
                "cache_read * p_read",
                text("input tokens read from the cache × price"),
            ),
            _money(
                "cache_write_spend",
                text("Spend on cache writes"),
                "cache_write * p_write",
                text("input tokens written to the cache × price"),
                ("cache_write",),
            ),
            _money("output_spend", text("Spend on output"), "cost_output", text("output tokens × price")),
            _money(
                "cache_saving",
                text("Saved by caching"),
                "cache_read * (p_fresh - p_read) - cache_write * (p_write - p_fresh)",
                text("cached tokens × (price of fresh input − price of cached input) − surcharge of cache writes"),
                ("cache_read",),
            ),
            _money(
                "failed_spend",
                text("Spend on failed requests"),
                f"CASE WHEN {FAILED_SQL} THEN cost ELSE 0 END",
                text("spend of the requests that failed, for the tokens that the log states"),
                ("ok",),
            ),
            _money(
                "logged_spend",
                text("Spend stated by the log"),
                "logged_cost",
                text("sum of the log's own cost column"),
                ("logged_cost",),
            ),
            Measure(
                name="requests",
                title=text("Requests"),
                unit=Unit.REQUESTS,
                sql=REQUESTS_SQL,
                formula=text("number of requests"),
                is_sum=True,
            ),
            Measure(
                name="failures",
                title=text("Failed requests"),
                unit=Unit.REQUESTS,
                sql=f"count(*) FILTER (WHERE {FAILED_SQL})",
                formula=text("number of requests that failed"),
                columns=("ok",),
                is_sum=True,
                per_request=True,
            ),
            Measure(
                name="error_rate",
                title=text("Error rate"),
                unit=Unit.SHARE,
                sql=f"(count(*) FILTER (WHERE {FAILED_SQL}))::DECIMAL(38,12) / nullif(count(ok), 0)",
                formula=text("failed requests ÷ requests with a known outcome"),
                columns=("ok",),
                per_request=True,
            ),
            _tokens(
                "tokens",
                text("Tokens"),
                f"{INPUT_SQL} + output",
                text("input tokens, cached ones included, plus output"),
            ),
            _tokens(
                "input_tokens", text("Input tokens"), INPUT_SQL, text("fresh, cached and cache-write input tokens")
            ),
            _tokens(
                "fresh_tokens", text("Fresh input tokens"), "fresh_input", text("input tokens that no cache served")
            ),
            _tokens(
                "cached_tokens",
                text("Cached input tokens"),
                "cache_read",
                text("input tokens read from the provider's cache"),
                ("cache_read",),
            ),
            _tokens(
                "cache_write_tokens",
                text("Tokens written to the cache"),
                "cache_write",
                text("input tokens written to the provider's cache"),
                ("cache_write",),
            ),
            _tokens("output_tokens", text("Output tokens"), "output", text("output tokens, reasoning included")),
            _tokens(
                "reasoning_tokens",
                text("Reasoning tokens"),
                "reasoning",
                text("reasoning tokens, which are part of the output"),
                ("reasoning",),
            ),
            _per_request(
                "cost_per_request",
                text("Cost per request"),
                Unit.USD_PER_REQUEST,
                "cost",
                text("spend ÷ requests"),
            ),
            _per_request(
                "tokens_per_request",
                text("Tokens per request"),
                Unit.TOKENS_PER_REQUEST,
                f"{INPUT_SQL} + output",
                text("tokens ÷ requests"),
            ),
            _per_request(
                "input_per_request",
                text("Input tokens per request"),
                Unit.TOKENS_PER_REQUEST,
                INPUT_SQL,
                text("input tokens ÷ requests"),
            ),
            _per_request(
                "output_per_request",
                text("Output tokens per request"),
                Unit.TOKENS_PER_REQUEST,
                "output",
                text("output tokens ÷ requests"),
            ),
            Measure(
                name="cost_per_million_tokens",
                title=text("Cost per million tokens"),
                unit=Unit.USD_PER_MILLION_TOKENS,
                sql=f"sum(cost)::DECIMAL(38,12) * 1000000 / nullif(sum({INPUT_SQL} + output), 0)",
                formula=text("spend ÷ tokens × 1,000,000"),
            ),
            Measure(
                name="cost_per_user",
                title=text("Cost per user"),
                unit=Unit.USD_PER_USER,
                sql="sum(cost) FILTER (WHERE end_user IS NOT NULL)::DECIMAL(38,12) / nullif(count(DISTINCT end_user), 0)",
                formula=text("spend of requests with a user ÷ number of users"),
                columns=("end_user",),
            ),
            Measure(
                name="cache_share",
                title=text("Cached share of input"),
                unit=Unit.SHARE,
                sql=f"sum(cache_read)::DECIMAL(38,12) / nullif(sum({INPUT_SQL}), 0)",
                formula=text("cached input tokens ÷ input tokens"),
                columns=("cache_read",),
            ),
            _percentile("latency_p50", text("Latency p50 (median)"), "latency_ms", "0.5"),
            _percentile("latency_p90", text("Latency p90"), "latency_ms", "0.9"),
            _percentile("latency_p95", text("Latency p95"), "latency_ms", "0.95"),
            _percentile("latency_p99", text("Latency p99"), "latency_ms", "0.99"),
            Measure(
                name="latency_mean",
                title=text("Latency, mean"),
                unit=Unit.MS,
                sql=f"avg(latency_ms) FILTER (WHERE {ANSWERED_SQL})",
                formula=text("mean over the requests that did not fail"),
                columns=("latency_ms",),
                per_request=True,
            ),
            Measure(
                name="latency_max",
                title=text("Longest latency"),
                unit=Unit.MS,
                sql=f"max(latency_ms) FILTER (WHERE {ANSWERED_SQL})",
                formula=text("longest of the requests that did not fail"),
                columns=("latency_ms",),
                per_request=True,
            ),
            _percentile("first_token_p50", text("Time to first token p50"), "first_token_ms", "0.5"),
            _percentile("first_token_p95", text("Time to first token p95"), "first_token_ms", "0.95"),
            _percentile("first_token_p99", text("Time to first token p99"), "first_token_ms", "0.99"),
            _count_of("users", text("Users"), "end_user"),
            _count_of("models", text("Models"), "model"),
            _count_of("features", text("Features"), "feature"),
            _count_of("teams", text("Teams"), "team"),
            _count_of("customers", text("Customers"), "customer"),
            _count_of("api_keys", text("API keys"), "api_key"),
            _count_of("providers", text("Providers"), "provider"),
            _count_of("sessions", text("Sessions"), "session"),
            Measure(
                name="active_days",
                title=text("Days with requests"),
                unit=Unit.DAYS,
                sql="count(DISTINCT local_at::DATE)",
                formula=text("number of days with at least one request"),
                columns=("at",),
            ),
        )
    }
)
"""By name."""

_LATENCY_COLUMNS = frozenset({"latency_ms"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingMeasure:
    """Why a figure is unknown, and the field of a log that would make it known."""

    measure: str
    why: Text
    field: str


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


def explain_missing_measure(log: PricedLog, measure: Measure) -> MissingMeasure | None:
    """Return why the log cannot give `measure`, or None if it can."""
    absent = [column for column in measure.columns if not log.has_columns(column)]
    if absent:
        field = FIELD_OF_COLUMN.get(absent[0], absent[0])
        why = text("The log has no column for {field}.", field=field)
        return MissingMeasure(measure=measure.name, why=why, field=field)
    if measure.per_request and (reason := explain_aggregation(log)):
        why = text("Rows are totals of several requests: {why}", why=reason)
        return MissingMeasure(measure=measure.name, why=why, field="request_id")
    if _LATENCY_COLUMNS.intersection(measure.columns) and (reason := explain_missing_latency(log)):
        return MissingMeasure(measure=measure.name, why=reason, field="latency_ms")
    if measure.unit.startswith("usd") and measure.name != "logged_spend" and not log.prices.models:
        why = text("No model of the log has a price.")
        return MissingMeasure(measure=measure.name, why=why, field="model")
    return None
