"""LiteLLM's spend logs (the table LiteLLM_SpendLogs as CSV, JSON lines or Parquet).

https://docs.litellm.ai/docs/proxy/db_info names the table; its prompt tokens usually include cached ones."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format

_EXTRA_PATH = "metadata.additional_usage_values"
_USAGE_PATH = "metadata.usage_object"

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
    # LiteLLM's prompt_tokens include cached tokens, but not for every call type and version: see its issue 15056.
    cached_tokens=CachedTokens.USUALLY_INCLUDED,
    excludes_cached_when="kind = 'anthropic_messages'",
    notes=(text("LiteLLM's prompt_tokens are read as including provider-cached tokens."),),
)
