"""LiteLLM's standard logging payload, as its S3, GCS and other callbacks write it (JSON): one object a call.

https://docs.litellm.ai/docs/proxy/logging_spec"""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format

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
    excludes_cached_when="kind = 'anthropic_messages'",
    notes=(text("LiteLLM's prompt_tokens are read as including provider-cached tokens."),),
)
