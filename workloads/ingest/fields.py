"""The fields that a log can have, and their meanings."""

from collections.abc import Mapping
from types import MappingProxyType

from core.i18n.text import Text, text

FIELDS: Mapping[str, Text] = MappingProxyType(
    {
        "time": text("Start time of the request"),
        "time_of_day": text("Time of day, if the column of the time has only days"),
        "requests": text("Number of requests that the row sums up"),
        "period_end": text("End of the period that the row sums up"),
        "request_id": text("Unique ID of the request"),
        "span_id": text("ID of the span or step"),
        "parent_id": text("ID of the enclosing span or step"),
        "trace_id": text("ID of the trace"),
        "kind": text("Kind of row: operation or type of observation"),
        "span_name": text("Name of the span"),
        "model": text("Model that answered"),
        "provider": text("Provider that served the request"),
        "input_tokens": text("All prompt tokens, including cached ones"),
        "fresh_input_tokens": text("Prompt tokens neither read from nor written to the provider's cache"),
        "cached_tokens": text("Prompt tokens read from the provider's cache"),
        "cache_write_tokens": text("Prompt tokens written to the provider's cache"),
        "cache_write_5m_tokens": text("Prompt tokens cached for five minutes, if counted separately"),
        "cache_write_1h_tokens": text("Prompt tokens cached for one hour"),
        "tool_prompt_tokens": text("Prompt tokens of tool results, if input_tokens excludes them"),
        "audio_input_tokens": text("Audio tokens of the prompt"),
        "audio_cached_tokens": text("Audio tokens read from the provider's cache"),
        "image_input_tokens": text("Image tokens of the prompt"),
        "output_tokens": text("All output tokens, including reasoning"),
        "reasoning_tokens": text("Reasoning tokens, only if output_tokens excludes them"),
        "audio_output_tokens": text("Audio tokens of the response"),
        "image_output_tokens": text("Image tokens of the response"),
        "total_tokens": text("All tokens of the request, as stated in the log"),
        "running_total": text("Running total of tokens; a row that does not raise it repeats an event"),
        "service_tier": text("Service tier: standard, batch, flex or priority"),
        "batch": text("Whether the request was part of a batch"),
        "geography": text("Inference region, if it affects the price"),
        "searches": text("Number of web searches"),
        "latency_ms": text("Time to the end of the response, in milliseconds"),
        "latency_s": text("Time to the end of the response, in seconds"),
        "latency": text("Time to the end of the response; seconds or milliseconds, detected from the median"),
        "end_time": text("End time of the response"),
        "first_token_ms": text("Time to first token, in milliseconds"),
        "first_token_s": text("Time to first token, in seconds"),
        "first_token": text("Time to first token; seconds or milliseconds, detected from the median"),
        "first_token_time": text("Time at which the first token arrived"),
        "status": text("Status word or HTTP code that shows success or failure"),
        "error": text("Error of a failed request; empty on success"),
        "failed": text("Whether the request failed or was cancelled"),
        "streamed": text("Whether the response was streamed"),
        "temperature": text("Sampling temperature"),
        "tools": text("Whether tools were offered: true or false, a number or a list"),
        "feature": text("Feature or workflow that made the request"),
        "team": text("Team or project"),
        "api_key": text("Name or ID of the API key"),
        "customer": text("Customer or organisation"),
        "environment": text("Environment, such as production"),
        "user": text("End user"),
        "session": text("Conversation or session ID"),
        "prompt_hash": text("Hash of the prompt and its parameters"),
        "prompt": text("Prompt text; only its hash is stored"),
        "blocks": text("List of chained hashes of the prompt's prefix blocks"),
        "gateway_cache_hit": text("Whether your own gateway's cache answered, so no provider charged for it"),
        "cost_usd": text("Cost stated in the log"),
        "synthetic": text("Whether the row is synthetic"),
    }
)
COUNT_FIELDS = (
    "input_tokens",
    "fresh_input_tokens",
    "cached_tokens",
    "cache_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "tool_prompt_tokens",
    "audio_input_tokens",
    "audio_cached_tokens",
    "image_input_tokens",
    "audio_output_tokens",
    "image_output_tokens",
    "total_tokens",
    "running_total",
    "requests",
    "searches",
)
"""The fields that are whole numbers: tokens, requests, searches."""

INPUT_FIELDS = ("input_tokens", "fresh_input_tokens")

UNIQUE_FIELDS = ("prompt", "prompt_hash", "blocks")
"""The fields that are read from one column only, because values of different columns can't be compared."""
