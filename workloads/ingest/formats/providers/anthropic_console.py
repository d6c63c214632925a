"""The usage export of Anthropic's console: sums by day, model, key and tier (CSV).

Console > Usage > Export. Its four input columns are disjoint. Columns as in the export of November 2026."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Format

ANTHROPIC_CONSOLE = Format(
    name="anthropic_console",
    title=text("Anthropic console usage export"),
    signature=frozenset({"usage_date_utc", "model_version", "usage_input_tokens_no_cache", "usage_output_tokens"}),
    fields=MappingProxyType(
        {
            "time": ("usage_date_utc",),
            "model": ("model_version",),
            "fresh_input_tokens": ("usage_input_tokens_no_cache",),
            "cached_tokens": ("usage_input_tokens_cache_read",),
            "cache_write_5m_tokens": ("usage_input_tokens_cache_write_5m",),
            "cache_write_1h_tokens": ("usage_input_tokens_cache_write_1h",),
            "output_tokens": ("usage_output_tokens",),
            "service_tier": ("usage_type",),
            "geography": ("inference_geo",),
            "searches": ("web_search_count",),
            "api_key": ("api_key",),
            "team": ("workspace",),
        }
    ),
    are_sums=True,
)
