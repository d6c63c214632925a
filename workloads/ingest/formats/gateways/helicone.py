"""Helicone's requests: the CSV of its page, and the rows of its export tool and API (JSON).

https://docs.helicone.ai/tools/export and https://docs.helicone.ai/rest/request/post-v1requestquery-clickhouse"""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, CachedTokens, Format

HELICONE = Format(
    name="helicone",
    title=text("Helicone requests"),
    signature=frozenset({"request_created_at", "response_status", "prompt_tokens", "completion_tokens"}),
    fields=MappingProxyType(
        {
            "time": ("request_created_at",),
            "end_time": ("response_created_at",),
            "request_id": (
                "response_id",
                "request_id",
            ),
            "model": (
                "response_model",
                "model",
                "request_model",
            ),
            "provider": ("provider",),
            "input_tokens": ("prompt_tokens",),
            "cached_tokens": ("prompt_cache_read_tokens",),
            "cache_write_tokens": ("prompt_cache_write_tokens",),
            "output_tokens": ("completion_tokens",),
            "reasoning_tokens": ("reasoning_tokens",),
            "total_tokens": ("total_tokens",),
            "audio_input_tokens": ("prompt_audio_tokens",),
            "audio_output_tokens": ("completion_audio_tokens",),
            "latency_ms": (
                "delay_ms",
                "latency",
            ),
            "first_token_ms": ("time_to_first_token",),
            "status": ("response_status",),
            "gateway_cache_hit": ("cache_reference_id",),
            "feature": (
                "request_properties.Feature",
                "properties.Feature",
                "request_properties.Helicone-Session-Name",
            ),
            "environment": (
                "request_properties.Environment",
                "properties.Environment",
            ),
            "session": (
                "request_properties.Helicone-Session-Id",
                "properties.Helicone-Session-Id",
            ),
            "user": ("request_user_id",),
            "prompt": ("request_body",),
            "cost_usd": (
                "cost_usd",
                "cost",
            ),
        }
    ),
    cached_tokens=CachedTokens.GUESSED,
    excludes_cached_when="lower(provider) = 'anthropic'",
    answered_by_gateway_when="value(gateway_cache_hit) IS NOT NULL AND NOT starts_with(gateway_cache_hit, '00000000-')",
    lacks=MappingProxyType({"cached_tokens": NO_CACHED_TOKENS}),
)
