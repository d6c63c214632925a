"""Portkey's log export (JSON lines, CSV): one row a request; costs are in cents.

https://portkey.ai/docs/product/observability/exporting-data"""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, CachedTokens, Format

PORTKEY = Format(
    name="portkey",
    title=text("Portkey log export"),
    signature=frozenset({"req_units", "res_units", "ai_model"}),
    fields=MappingProxyType(
        {
            "time": (
                "created_at",
                "time_of_generation",
            ),
            "request_id": ("id",),
            "trace_id": ("trace_id",),
            "model": ("ai_model",),
            "provider": ("ai_org",),
            "input_tokens": ("req_units",),
            "cached_tokens": (
                "*.cache_read_input_tokens",
                "*.prompt_tokens_details.cached_tokens",
            ),
            "cache_write_tokens": ("*.cache_creation_input_tokens",),
            "output_tokens": ("res_units",),
            "total_tokens": ("total_units",),
            "latency_ms": ("response_time",),
            "status": ("response_status_code",),
            "gateway_cache_hit": ("cache_status",),
            "feature": (
                "metadata._prompt",
                "prompt_slug",
            ),
            "environment": ("metadata._environment",),
            "user": ("metadata._user",),
            "customer": ("metadata._organisation",),
            "team": ("workspace_slug",),
            "api_key": ("virtual_key",),
            "cost_usd": ("cost",),
        }
    ),
    cached_tokens=CachedTokens.GUESSED,
    answered_by_gateway_when="lower(trim(gateway_cache_hit)) LIKE '%hit'",
    cost_divisor=100,
    lacks=MappingProxyType({"cached_tokens": NO_CACHED_TOKENS}),
)
