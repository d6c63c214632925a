"""Anthropic: answers of the Messages API as one's own log keeps them, batch results, and two exports of usage."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format
from workloads.ingest.formats.providers.answer_names import ANSWER_NAMES, SPAN_NAMES

ANTHROPIC_MESSAGES = Format(
    name="anthropic_messages",
    title=text("Anthropic Messages answers"),
    signature=frozenset({"*.usage.input_tokens", "*.usage.output_tokens", "*.usage.cache_read_input_tokens"}),
    other_signatures=(
        frozenset({"*.usage.input_tokens", "*.usage.output_tokens", "*.usage.cache_creation_input_tokens"}),
    ),
    never=SPAN_NAMES,
    fields=ANSWER_NAMES,
    cached_tokens=CachedTokens.GUESSED,
)
"""Answers of the Messages API (JSON): https://docs.anthropic.com/en/api/messages.

`input_tokens` exclude the tokens read from and written to the cache; `cache_creation` splits the written ones by
lifetime."""

_BATCH_USAGE = "result.message.usage"

ANTHROPIC_BATCH = Format(
    name="anthropic_batch",
    title=text("Anthropic batch results"),
    signature=frozenset({"custom_id", "result.type", f"{_BATCH_USAGE}.input_tokens", f"{_BATCH_USAGE}.output_tokens"}),
    never=SPAN_NAMES,
    fields=ANSWER_NAMES,
    cached_tokens=CachedTokens.GUESSED,
    service_tier="batch",
)
"""Results of Message Batches (JSON lines): https://docs.anthropic.com/en/api/retrieving-message-batch-results.

Everything was bought at the batch price. The results have no times."""

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
"""The usage report (GET /v1/organizations/usage_report/messages, JSON): sums by bucket, model, key and tier.

https://docs.anthropic.com/en/api/admin-api/usage-cost/get-messages-usage-report"""

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
"""The console's usage export (Console > Usage > Export, CSV): sums by day, model, key and tier.

https://support.anthropic.com/en/articles/9534590-cost-and-usage-reporting-in-console

Its four input columns are disjoint. Columns as in the export of November 2026."""
