"""Names of the counts in answers of providers' APIs, at any depth of a log.

One log may hold answers of several providers, so each format of such a log reads them all; a row is read from the
names that it has. OpenAI's and Gemini's input includes cached tokens, Anthropic's doesn't."""

from collections.abc import Mapping
from types import MappingProxyType

from workloads.ingest.formats.usual_names import EVENT_NAMES, OWN_LOG_FIELDS, select_names

_OWN = select_names(*OWN_LOG_FIELDS) | {"kind": EVENT_NAMES}
_GEMINI_PROMPT = "*.usageMetadata.promptTokensDetails"
_GEMINI_ANSWER = "*.usageMetadata.candidatesTokensDetails"

ANSWER_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **_OWN,
        "time": (*_OWN["time"], "*.created_at", "*.created", "*.create_time"),
        "request_id": ("request_id", "message.id", "response.id", "id", "*.response.id", "*.response_id"),
        "model": (
            *("model", "*.response.model", "*.message.model", "*.model_version", "*.body.model", "*.model"),
            *("model_name", "model_id", "*.response_model", "*.request_model"),
        ),
        "input_tokens": ("*.usage.prompt_tokens", "*.usage.input_tokens", "*.usageMetadata.promptTokenCount"),
        "cached_tokens": (
            *("*.usage.prompt_tokens_details.cached_tokens", "*.usage.input_tokens_details.cached_tokens"),
            *("*.usage.input_token_details.cached_tokens", "*.usage.cache_read_input_tokens"),
            *("*.usage.prompt_cache_hit_tokens", "*.usage.cached_tokens", "*.usageMetadata.cachedContentTokenCount"),
        ),
        "cache_write_tokens": (
            *("*.usage.cache_creation_input_tokens", "*.usage.input_tokens_details.cache_write_tokens"),
            *(
                "*.usage.prompt_tokens_details.cache_write_tokens",
                "*.usage.prompt_tokens_details.cache_creation_tokens",
            ),
        ),
        "cache_write_5m_tokens": ("*.usage.cache_creation.ephemeral_5m_input_tokens",),
        "cache_write_1h_tokens": ("*.usage.cache_creation.ephemeral_1h_input_tokens",),
        "tool_prompt_tokens": ("*.usageMetadata.toolUsePromptTokenCount",),
        "output_tokens": (
            *("*.usage.completion_tokens", "*.usage.output_tokens", "*.usageMetadata.candidatesTokenCount"),
            "*.usageMetadata.responseTokenCount",
        ),
        "reasoning_tokens": (
            *("*.usage.completion_tokens_details.reasoning_tokens", "*.usage.output_tokens_details.reasoning_tokens"),
            "*.usageMetadata.thoughtsTokenCount",
        ),
        "total_tokens": ("*.usage.total_tokens", "*.usageMetadata.totalTokenCount"),
        "audio_input_tokens": (
            *("*.usage.prompt_tokens_details.audio_tokens", "*.usage.input_token_details.audio_tokens"),
            *("*.usage.input_tokens_details.audio_tokens", f"{_GEMINI_PROMPT}.AUDIO"),
        ),
        "audio_cached_tokens": (
            *("*.usage.input_token_details.cached_tokens_details.audio_tokens",),
            "*.usageMetadata.cacheTokensDetails.AUDIO",
        ),
        "image_input_tokens": (
            *("*.usage.input_token_details.image_tokens", "*.usage.input_tokens_details.image_tokens"),
            f"{_GEMINI_PROMPT}.IMAGE",
        ),
        "audio_output_tokens": (
            *("*.usage.completion_tokens_details.audio_tokens", "*.usage.output_token_details.audio_tokens"),
            f"{_GEMINI_ANSWER}.AUDIO",
        ),
        "service_tier": ("*.usage.service_tier", "service_tier", "*.service_tier", "*.usage.speed"),
        "batch": ("batch", "is_batch"),
        "geography": ("*.usage.inference_geo",),
        "searches": ("*.usage.server_tool_use.web_search_requests",),
        "status": ("status", "status_code", "http_status", "outcome"),
        "cost_usd": (*_OWN["cost_usd"], "*.usage.cost"),
    }
)
"""By field."""

SPAN_NAMES = frozenset(
    {
        *("*.gen_ai.usage.input_tokens", "*.gen_ai.usage.prompt_tokens", "*.ai.usage.inputTokens"),
        *("*.ai.usage.promptTokens", "*.accumulated_usage.input_tokens", "*.last_token_usage.input_tokens"),
    }
)
"""Columns of spans and sessions, which have formats of their own."""
