"""The registry of measures: money, counts, tokens, shares and percentiles."""

from collections.abc import Mapping
from types import MappingProxyType

from core.i18n.text import text
from workloads.query.derived_measures import build_bulk_prices, build_reasoning_spend, build_stated_spend
from workloads.query.measure import (
    ANSWERED_SQL,
    FAILED_SQL,
    INPUT_SQL,
    REQUESTS_SQL,
    Measure,
    MissingMeasure,
    Unit,
    build_count,
    build_money,
    build_percentile,
    build_ratio,
    build_request_figures,
    build_success_rate,
    build_token_prices,
    build_tokens,
)

__all__ = ["MEASURES", "Measure", "MissingMeasure", "Unit"]

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        measure.name: measure
        for measure in (
            build_money(
                "spend",
                text("Spend"),
                "spend",
                text(
                    "tokens × price, for each kind of token, plus fees; for a model without any price, the cost that "
                    "the log states"
                ),
            ),
            build_money(
                "input_spend",
                text("Spend on fresh input"),
                "cost_input - cache_read * p_read - cache_write * p_write",
                text("fresh input tokens × price"),
            ),
            build_money(
                "cached_spend",
                text("Spend on cached input"),
                "cache_read * p_read",
                text("input tokens read from the cache × price"),
            ),
            build_money(
                "cache_write_spend",
                text("Spend on cache writes"),
                "cache_write * p_write",
                text("input tokens written to the cache × price"),
                ("cache_write",),
            ),
            build_money("output_spend", text("Spend on output"), "cost_output", text("output tokens × price")),
            build_reasoning_spend(),
            build_money(
                "fee_spend",
                text("Spend on fees"),
                "cost - cost_input - cost_output",
                text("fees for requests and web searches"),
            ),
            build_money(
                "cache_saving",
                text("Saved by caching"),
                "cache_saving",
                text("cached tokens × (price of fresh input − price of cached input) − surcharge of cache writes"),
                ("cache_read",),
            ),
            build_money(
                "failed_spend",
                text("Spend on failed requests"),
                f"CASE WHEN {FAILED_SQL} THEN spend ELSE 0 END",
                text("spend of the requests that failed, for the tokens that the log states"),
                ("ok",),
            ),
            build_money(
                "logged_spend",
                text("Spend stated by the log"),
                "logged_cost",
                text("sum of the log's own cost column"),
                ("logged_cost",),
            ),
            *build_stated_spend(),
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
            build_success_rate(),
            build_tokens(
                "tokens",
                text("Tokens"),
                f"{INPUT_SQL} + output",
                text("input tokens, cached ones included, plus output"),
            ),
            build_tokens(
                "input_tokens", text("Input tokens"), INPUT_SQL, text("fresh, cached and cache-write input tokens")
            ),
            build_tokens(
                "fresh_tokens", text("Fresh input tokens"), "fresh_input", text("input tokens that no cache served")
            ),
            build_tokens(
                "cached_tokens",
                text("Cached input tokens"),
                "cache_read",
                text("input tokens read from the provider's cache"),
                ("cache_read",),
            ),
            build_tokens(
                "cache_write_tokens",
                text("Tokens written to the cache"),
                "cache_write",
                text("input tokens written to the provider's cache"),
                ("cache_write",),
            ),
            build_tokens("output_tokens", text("Output tokens"), "output", text("output tokens, reasoning included")),
            build_tokens(
                "reasoning_tokens",
                text("Reasoning tokens"),
                "reasoning",
                text("reasoning tokens, which are part of the output"),
                ("reasoning",),
            ),
            build_ratio(
                "cost_per_request",
                text("Cost per request"),
                Unit.USD_PER_REQUEST,
                "spend",
                text("spend ÷ requests"),
            ),
            build_ratio(
                "tokens_per_request",
                text("Tokens per request"),
                Unit.TOKENS_PER_REQUEST,
                f"{INPUT_SQL} + output",
                text("tokens ÷ requests"),
            ),
            build_ratio(
                "input_per_request",
                text("Input tokens per request"),
                Unit.TOKENS_PER_REQUEST,
                INPUT_SQL,
                text("input tokens ÷ requests"),
            ),
            build_ratio(
                "output_per_request",
                text("Output tokens per request"),
                Unit.TOKENS_PER_REQUEST,
                "output",
                text("output tokens ÷ requests"),
            ),
            *build_request_figures(),
            Measure(
                name="output_per_input",
                title=text("Output tokens per input token"),
                unit=Unit.RATIO,
                sql=f"sum(output)::DECIMAL(38,12) / nullif(sum({INPUT_SQL}), 0)",
                formula=text("output tokens ÷ input tokens, cached ones included"),
            ),
            *build_token_prices(),
            *build_bulk_prices(),
            Measure(
                name="cost_per_user",
                title=text("Cost per user"),
                unit=Unit.USD_PER_USER,
                sql="sum(spend) FILTER (end_user IS NOT NULL)::DECIMAL(38,12) / nullif(count(DISTINCT end_user), 0)",
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
            build_percentile("latency_p50", text("Latency p50 (median)"), "latency_ms", "0.5"),
            build_percentile("latency_p90", text("Latency p90"), "latency_ms", "0.9"),
            build_percentile("latency_p95", text("Latency p95"), "latency_ms", "0.95"),
            build_percentile("latency_p99", text("Latency p99"), "latency_ms", "0.99"),
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
            build_percentile("first_token_p50", text("Time to first token p50"), "first_token_ms", "0.5"),
            build_percentile("first_token_p95", text("Time to first token p95"), "first_token_ms", "0.95"),
            build_percentile("first_token_p99", text("Time to first token p99"), "first_token_ms", "0.99"),
            build_count("users", text("Users"), "end_user"),
            build_count("models", text("Models"), "model"),
            build_count("features", text("Features"), "feature"),
            build_count("teams", text("Teams"), "team"),
            build_count("customers", text("Customers"), "customer"),
            build_count("api_keys", text("API keys"), "api_key"),
            build_count("providers", text("Providers"), "provider"),
            build_count("sessions", text("Sessions"), "session"),
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
