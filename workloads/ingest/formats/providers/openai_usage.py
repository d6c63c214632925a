"""OpenAI's usage by organisation: sums by bucket, project, key, model and tier (JSON, CSV).

https://platform.openai.com/docs/api-reference/usage/completions_object (GET /v1/organization/usage/completions); the
dashboard exports the same columns under Usage > Export. Cached tokens and audio are counted inside `input_tokens`."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Format

OPENAI_USAGE = Format(
    name="openai_usage",
    title=text("OpenAI usage"),
    signature=frozenset({"num_model_requests", "input_tokens", "output_tokens"}),
    fields=MappingProxyType(
        {
            "time": (
                "start_time",
                "start_time_iso",
            ),
            "period_end": (
                "end_time",
                "end_time_iso",
            ),
            "requests": ("num_model_requests",),
            "model": ("model",),
            "input_tokens": ("input_tokens",),
            "cached_tokens": ("input_cached_tokens",),
            "cache_write_tokens": (
                "input_cache_write_tokens",
                "cache_write_tokens",
            ),
            "output_tokens": ("output_tokens",),
            "audio_input_tokens": ("input_audio_tokens",),
            "audio_cached_tokens": ("input_cached_audio_tokens",),
            "image_input_tokens": ("input_image_tokens",),
            "audio_output_tokens": ("output_audio_tokens",),
            "batch": ("batch",),
            "service_tier": ("service_tier",),
            "team": (
                "project_name",
                "project_id",
            ),
            "api_key": (
                "api_key_name",
                "api_key_id",
            ),
            "user": (
                "user_email",
                "user_id",
            ),
        }
    ),
    are_sums=True,
)
