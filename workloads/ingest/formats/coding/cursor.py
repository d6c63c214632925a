"""Cursor's usage export (Dashboard > Usage > Export CSV): one row a request, four disjoint columns of tokens.

https://docs.cursor.com/en/account/teams/admin-api has the same events as JSON (filtered-usage-events)."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Format

CURSOR = Format(
    name="cursor",
    title=text("Cursor usage export"),
    signature=frozenset({"Date", "Kind", "Model", "Max Mode", "Cache Read", "Output Tokens"}),
    other_signatures=(
        frozenset({"timestamp", "kind", "maxMode", "tokenUsage.inputTokens", "tokenUsage.outputTokens"}),
    ),
    fields=MappingProxyType(
        {
            "time": ("Date", "timestamp"),
            "model": ("Model",),
            "user": ("User", "userEmail"),
            "fresh_input_tokens": ("Input (w/o Cache Write)", "tokenUsage.inputTokens"),
            "cache_write_tokens": ("Input (w/ Cache Write)", "tokenUsage.cacheWriteTokens"),
            "cached_tokens": ("Cache Read", "tokenUsage.cacheReadTokens"),
            "output_tokens": ("Output Tokens", "tokenUsage.outputTokens"),
            "total_tokens": ("Total Tokens",),
            "cost_usd": ("Cost", "Cost to you"),
        }
    ),
)
