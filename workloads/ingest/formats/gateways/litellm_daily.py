"""LiteLLM's sums by day: the CSV of its usage page, and the tables of daily spend behind it.

https://docs.litellm.ai/docs/proxy/cost_tracking#daily-spend-breakdown-api; the page counts requests by key, team or
tag, and most of its exports name no model."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, CachedTokens, Format

LITELLM_DAILY = Format(
    name="litellm_daily",
    title=text("LiteLLM daily usage"),
    signature=frozenset({"Date", "Spend ($)", "Requests", "Successful Requests", "Prompt Tokens", "Completion Tokens"}),
    other_signatures=(
        frozenset({"date", "spend", "api_requests", "prompt_tokens", "completion_tokens", "successful_requests"}),
        frozenset({"date", "metrics.api_requests", "metrics.prompt_tokens", "metrics.completion_tokens"}),
    ),
    fields=MappingProxyType(
        {
            "time": ("Date",),
            "requests": ("Requests", "api_requests", "metrics.api_requests"),
            "model": (
                "Model",
                "model_group",
            ),
            "provider": ("custom_llm_provider",),
            "input_tokens": ("Prompt Tokens", "metrics.prompt_tokens"),
            "cached_tokens": ("cache_read_input_tokens", "metrics.cache_read_input_tokens"),
            "cache_write_tokens": ("cache_creation_input_tokens", "metrics.cache_creation_input_tokens"),
            "output_tokens": ("Completion Tokens", "metrics.completion_tokens"),
            "total_tokens": ("Total Tokens", "metrics.total_tokens"),
            "team": (
                "Team",
                "Team ID",
            ),
            "feature": ("Tag",),
            "api_key": (
                "Key Alias",
                "Key",
                "api_key",
            ),
            "user": (
                "User Email",
                "User ID",
            ),
            "customer": (
                "Organization",
                "Customer",
            ),
            "cost_usd": ("Spend ($)", "spend", "metrics.spend"),
        }
    ),
    cached_tokens=CachedTokens.USUALLY_INCLUDED,
    are_sums=True,
    lacks=MappingProxyType({"cached_tokens": NO_CACHED_TOKENS}),
)
