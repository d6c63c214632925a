"""Anthropic's usage report (GET /v1/organizations/usage_report/messages): sums by bucket, model, key and tier (JSON).

https://docs.anthropic.com/en/api/admin-api/usage-cost/get-messages-usage-report"""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Format

ANTHROPIC_USAGE = Format(
    name="anthropic_usage",
    title=text("Anthropic usage report"),
    signature=frozenset({"uncached_input_tokens", "cache_read_input_tokens", "output_tokens", "service_tier"}),
    fields=MappingProxyType(
        {
            "time": ("starting_at", "date", "day"),
            "period_end": ("ending_at",),
            "model": ("model",),
            "fresh_input_tokens": ("uncached_input_tokens",),
            "cached_tokens": ("cache_read_input_tokens",),
            "cache_write_5m_tokens": ("cache_creation.ephemeral_5m_input_tokens", "ephemeral_5m_input_tokens"),
            "cache_write_1h_tokens": ("cache_creation.ephemeral_1h_input_tokens", "ephemeral_1h_input_tokens"),
            "output_tokens": ("output_tokens",),
            "searches": ("server_tool_use.web_search_requests", "web_search_requests"),
            "service_tier": ("service_tier",),
            "geography": ("inference_geo",),
            "api_key": ("api_key_id",),
            "team": ("workspace_id",),
        }
    ),
    are_sums=True,
)
