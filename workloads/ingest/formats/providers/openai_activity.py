"""OpenAI's activity export before the usage dashboard of 2025: sums by day, key, model and operation (CSV, JSON).

Usage > Activity > Export; the JSON is that of GET /v1/usage. Described with the current usage pages at
https://help.openai.com/en/articles/8554956-understanding-your-api-usage."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, Format

OPENAI_ACTIVITY = Format(
    name="openai_activity",
    title=text("OpenAI activity export"),
    signature=frozenset({"n_requests", "n_context_tokens_total", "n_generated_tokens_total"}),
    fields=MappingProxyType(
        {
            "time": (
                "timestamp",
                "aggregation_timestamp",
            ),
            "requests": ("n_requests",),
            "model": (
                "model",
                "snapshot_id",
            ),
            "input_tokens": ("n_context_tokens_total",),
            "cached_tokens": ("n_cached_context_tokens_total",),
            "output_tokens": ("n_generated_tokens_total",),
            "service_tier": (
                "request_type",
                "usage_type",
            ),
            "team": (
                "project_name",
                "project_id",
            ),
            "api_key": (
                "api_key_name",
                "api_key_id",
            ),
            "customer": ("organization_name",),
            "user": (
                "user_name",
                "email",
            ),
        }
    ),
    are_sums=True,
    lacks=MappingProxyType({"cached_tokens": NO_CACHED_TOKENS}),
)
