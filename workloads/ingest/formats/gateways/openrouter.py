"""OpenRouter: its generations, one row each, and its activity by day."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, CachedTokens, Format

OPENROUTER = Format(
    name="openrouter",
    title=text("OpenRouter activity"),
    signature=frozenset({"generation_id", "tokens_prompt", "tokens_completion"}),
    other_signatures=(
        frozenset({"tokens_prompt", "tokens_completion", "native_tokens_prompt", "native_tokens_completion"}),
    ),
    fields=MappingProxyType(
        {
            "time": ("created_at",),
            "request_id": (
                "generation_id",
                "id",
            ),
            "model": (
                "model_permaslug",
                "model",
            ),
            "provider": ("provider_name",),
            "input_tokens": (
                "native_tokens_prompt",
                "tokens_prompt",
            ),
            "cached_tokens": (
                "native_tokens_cached",
                "tokens_cached",
            ),
            "output_tokens": (
                "native_tokens_completion",
                "tokens_completion",
            ),
            "reasoning_tokens": (
                "native_tokens_reasoning",
                "tokens_reasoning",
            ),
            "latency_ms": (
                "generation_time_ms",
                "generation_time",
            ),
            "first_token_ms": (
                "time_to_first_token_ms",
                "latency",
            ),
            "streamed": ("streamed",),
            "feature": ("app_name",),
            "api_key": ("api_key_name",),
            "user": (
                "user",
                "external_user",
            ),
            "session": ("session_id",),
            "cost_usd": (
                "cost_total",
                "total_cost",
            ),
        }
    ),
    cached_tokens=CachedTokens.USUALLY_INCLUDED,
)
"""The CSV of the activity page, and objects of GET /api/v1/generation.

https://openrouter.ai/docs/api-reference/get-a-generation; the native counts are those that are billed, cached tokens
are inside the prompt and reasoning inside the completion. A cancelled stream is no failure."""

OPENROUTER_ACTIVITY = Format(
    name="openrouter_activity",
    title=text("OpenRouter activity by day"),
    signature=frozenset({"date", "model_permaslug", "requests", "prompt_tokens", "completion_tokens"}),
    fields=MappingProxyType(
        {
            "time": ("date",),
            "requests": ("requests",),
            "model": (
                "model_permaslug",
                "model",
            ),
            "provider": ("provider_name",),
            "input_tokens": ("prompt_tokens",),
            "output_tokens": ("completion_tokens",),
            "reasoning_tokens": ("reasoning_tokens",),
            "cost_usd": ("usage",),
        }
    ),
    are_sums=True,
    lacks=MappingProxyType({"cached_tokens": NO_CACHED_TOKENS}),
)
"""The activity API (GET /api/v1/activity, JSON): sums by day, model and provider.

https://openrouter.ai/docs/api-reference/analytics/get-user-activity"""
