"""OpenRouter's activity API (GET /api/v1/activity): sums by day, model and provider (JSON).

https://openrouter.ai/docs/api-reference/analytics/get-user-activity"""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, Format

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
