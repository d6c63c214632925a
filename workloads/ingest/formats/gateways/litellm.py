"""LiteLLM: its table of spend, what its callbacks write, and its sums by day."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, CachedTokens, Format

_EXTRA_PATH = "metadata.additional_usage_values"
_USAGE_PATH = "metadata.usage_object"

# LiteLLM's prompt_tokens include cached tokens, but not for every call type and version: see its issue 15056.
_EXCLUDES_CACHED_WHEN = "kind = 'anthropic_messages'"
_CACHED_TOKENS_NOTE = text("LiteLLM's prompt_tokens are read as including provider-cached tokens.")

LITELLM = Format(
    name="litellm",
    title=text("LiteLLM spend log"),
    signature=frozenset({"request_id", "call_type", "startTime", "prompt_tokens", "completion_tokens"}),
    fields=MappingProxyType(
        {
            "time": ("startTime",),
            "end_time": ("endTime",),
            "first_token_time": ("completionStartTime",),
            "latency_ms": ("request_duration_ms",),
            "request_id": ("request_id",),
            "model": ("model",),
            "provider": ("custom_llm_provider",),
            "input_tokens": ("prompt_tokens",),
            "cached_tokens": (
                f"{_EXTRA_PATH}.cache_read_input_tokens",
                f"{_USAGE_PATH}.prompt_tokens_details.cached_tokens",
            ),
            "cache_write_tokens": (
                f"{_EXTRA_PATH}.cache_creation_input_tokens",
                f"{_USAGE_PATH}.cache_creation_input_tokens",
            ),
            "output_tokens": ("completion_tokens",),
            "total_tokens": ("total_tokens",),
            "kind": ("call_type",),
            "api_key": ("metadata.user_api_key_alias",),
            "status": ("status", "metadata.status"),
            "error": ("metadata.error_information.error_code", "metadata.error_information.error_class"),
            "feature": ("request_tags",),
            "team": ("team_id",),
            "user": ("end_user", "user"),
            "session": ("session_id",),
            "gateway_cache_hit": ("cache_hit",),
            "cost_usd": ("spend",),
        }
    ),
    cached_tokens=CachedTokens.USUALLY_INCLUDED,
    excludes_cached_when=_EXCLUDES_CACHED_WHEN,
    notes=(_CACHED_TOKENS_NOTE,),
)
"""The table LiteLLM_SpendLogs (CSV, JSON lines, Parquet), which https://docs.litellm.ai/docs/proxy/db_info names."""

LITELLM_PAYLOAD = Format(
    name="litellm_payload",
    title=text("LiteLLM logging payload"),
    signature=frozenset({"call_type", "response_cost", "prompt_tokens", "completion_tokens", "startTime"}),
    fields=MappingProxyType(
        {
            "time": ("startTime",),
            "end_time": ("endTime",),
            "first_token_time": ("completionStartTime",),
            "request_id": ("id",),
            "model": ("model",),
            "provider": ("custom_llm_provider",),
            "input_tokens": ("prompt_tokens",),
            "cached_tokens": (
                "metadata.usage_object.prompt_tokens_details.cached_tokens",
                "metadata.usage_object.cache_read_input_tokens",
                "response.usage.prompt_tokens_details.cached_tokens",
                "response.usage.cache_read_input_tokens",
            ),
            "cache_write_tokens": (
                "metadata.usage_object.cache_creation_input_tokens",
                "response.usage.cache_creation_input_tokens",
            ),
            "output_tokens": ("completion_tokens",),
            "total_tokens": ("total_tokens",),
            "kind": ("call_type",),
            "api_key": ("metadata.user_api_key_alias",),
            "status": ("status",),
            "error": (
                "error_information.error_code",
                "error_str",
            ),
            "feature": ("request_tags",),
            "team": (
                "metadata.user_api_key_team_alias",
                "metadata.user_api_key_team_id",
            ),
            "user": (
                "end_user",
                "metadata.user_api_key_user_id",
            ),
            "session": ("trace_id",),
            "streamed": ("stream",),
            "gateway_cache_hit": ("cache_hit",),
            "cost_usd": ("response_cost",),
        }
    ),
    cached_tokens=CachedTokens.USUALLY_INCLUDED,
    excludes_cached_when=_EXCLUDES_CACHED_WHEN,
    notes=(_CACHED_TOKENS_NOTE,),
)
"""The standard logging payload, one object a call, as the callbacks for S3, GCS and others write it (JSON).

https://docs.litellm.ai/docs/proxy/logging_spec"""

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
"""Sums by day: the CSV of the usage page, and the tables of daily spend behind it.

https://docs.litellm.ai/docs/proxy/cost_tracking#daily-spend-breakdown-api; the page counts requests by key, team or
tag, and most of its exports name no model."""
