"""OpenAI: answers of its APIs as one's own log keeps them, batch output, and two exports of usage."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, CachedTokens, Format
from workloads.ingest.formats.providers.answer_names import ANSWER_NAMES, SPAN_NAMES

OPENAI_CHAT = Format(
    name="openai_chat",
    title=text("Chat Completions answers"),
    signature=frozenset({"*.usage.prompt_tokens", "*.usage.completion_tokens"}),
    never=SPAN_NAMES,
    fields=ANSWER_NAMES,
    cached_tokens=CachedTokens.GUESSED,
)
"""Answers of the Chat Completions API and of compatible ones (JSON): https://platform.openai.com/docs/api-reference/chat/object.

Gemini's compatible API (https://ai.google.dev/gemini-api/docs/openai) counts thoughts only in the total."""

OPENAI_RESPONSES = Format(
    name="openai_responses",
    title=text("OpenAI Responses answers"),
    signature=frozenset(
        {"*.usage.input_tokens", "*.usage.output_tokens", "*.usage.input_tokens_details.cached_tokens"}
    ),
    other_signatures=(
        frozenset({"*.usage.input_tokens", "*.usage.output_tokens", "*.usage.input_token_details.cached_tokens"}),
    ),
    never=SPAN_NAMES,
    fields=ANSWER_NAMES,
    cached_tokens=CachedTokens.GUESSED,
)
"""Answers of the Responses and the Realtime API (JSON): https://platform.openai.com/docs/api-reference/responses/object.

Cached and written tokens are inside `input_tokens`, reasoning is inside `output_tokens`."""

_BATCH_BODY = "response.body"
_BATCH_USAGE = f"{_BATCH_BODY}.usage"

OPENAI_BATCH = Format(
    name="openai_batch",
    title=text("OpenAI batch output"),
    signature=frozenset({"custom_id", "response.status_code", f"{_BATCH_BODY}.model"}),
    fields=MappingProxyType(
        {
            "time": (f"{_BATCH_BODY}.created", f"{_BATCH_BODY}.created_at"),
            "request_id": ("id",),
            "model": (f"{_BATCH_BODY}.model",),
            "input_tokens": (f"{_BATCH_USAGE}.prompt_tokens", f"{_BATCH_USAGE}.input_tokens"),
            "cached_tokens": (
                f"{_BATCH_USAGE}.prompt_tokens_details.cached_tokens",
                f"{_BATCH_USAGE}.input_tokens_details.cached_tokens",
            ),
            "output_tokens": (f"{_BATCH_USAGE}.completion_tokens", f"{_BATCH_USAGE}.output_tokens"),
            "total_tokens": (f"{_BATCH_USAGE}.total_tokens",),
            "status": ("response.status_code",),
        }
    ),
    cached_tokens=CachedTokens.USUALLY_INCLUDED,
    service_tier="batch",
)
"""The output file of the Batch API (JSON lines): https://platform.openai.com/docs/guides/batch.

Every request in it was bought at the batch price."""

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
"""Usage by organisation (JSON, CSV): sums by bucket, project, key, model and tier.

https://platform.openai.com/docs/api-reference/usage/completions_object (GET /v1/organization/usage/completions); the
dashboard exports the same columns under Usage > Export. Cached tokens and audio are counted inside `input_tokens`."""

OPENAI_ACTIVITY = Format(
    name="openai_activity",
    title=text("OpenAI activity export"),
    signature=frozenset({"n_requests", "n_context_tokens_total", "n_generated_tokens_total"}),
    fields=MappingProxyType(
        {
            "time": (
                "timestamp",
                "aggregation_timestamp",
            ),
            "requests": ("n_requests",),
            "model": (
                "model",
                "snapshot_id",
            ),
            "input_tokens": ("n_context_tokens_total",),
            "cached_tokens": ("n_cached_context_tokens_total",),
            "output_tokens": ("n_generated_tokens_total",),
            "service_tier": (
                "request_type",
                "usage_type",
            ),
            "team": (
                "project_name",
                "project_id",
            ),
            "api_key": (
                "api_key_name",
                "api_key_id",
            ),
            "customer": ("organization_name",),
            "user": (
                "user_name",
                "email",
            ),
        }
    ),
    are_sums=True,
    lacks=MappingProxyType({"cached_tokens": NO_CACHED_TOKENS}),
)
"""The activity export before the usage dashboard of 2025 (CSV, JSON): sums by day, key, model and operation.

Usage > Activity > Export; the JSON is that of GET /v1/usage. Described with the current usage pages at
https://help.openai.com/en/articles/8554956-understanding-your-api-usage."""
