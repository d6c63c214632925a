"""Any other table: columns are matched by the names that are common in logs.

These include the exports of Langfuse, Helicone and OpenRouter, BurstGPT's trace and the usage objects of the OpenAI and
Anthropic APIs. For each field, the first name in its list that the file has is used."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format

TABULAR = Format(
    name="tabular",
    title=text("Table (columns detected)"),
    is_guessed=True,
    cached_tokens=CachedTokens.GUESSED,
    fields=MappingProxyType(
        {
            "time": (
                *("time", "timestamp", "start_time", "started_at", "request_created_at", "created_at", "created"),
                *("request_time", "date_time", "datetime", "ts", "at", "date"),
            ),
            "request_id": ("request_id", "response_id", "generation_id", "call_id", "id"),
            "model": (
                *("model_permaslug", "model", "model_name", "model_id", "provided_model_name", "response_model"),
                *("gen_ai.response.model", "gen_ai.request.model", "engine", "deployment"),
            ),
            "provider": ("provider", "provider_name", "custom_llm_provider", "gen_ai.system", "gen_ai.provider.name"),
            "input_tokens": (
                *("input_tokens", "prompt_tokens", "tokens_prompt", "request_tokens", "context_tokens"),
                *("input_token_count", "prompt_token_count", "num_input_tokens", "num_prompt_tokens", "tokens_in"),
                *("input_length", "prompt_tok", "input_tok", "prompt_len", "gen_ai.usage.input_tokens"),
                *("prompt_length", "n_input_tokens", "total_input_tokens"),
            ),
            "fresh_input_tokens": (
                *("fresh_input_tokens", "uncached_input_tokens", "usage_details.input", "usage_details.input_tokens"),
            ),
            "cached_tokens": (
                *("cached_tokens", "cache_read_input_tokens", "tokens_cached", "input_cached_tokens"),
                *("cached_input_tokens", "cache_read_tokens", "cached_content_token_count", "prompt_cache_hit_tokens"),
                *("usage_details.input_cached_tokens", "usage_details.cache_read_input_tokens"),
                *("gen_ai.usage.cache_read.input_tokens", "cache_read"),
            ),
            "cache_write_tokens": (
                *("cache_write_tokens", "cache_creation_input_tokens", "cache_creation_tokens"),
                *("cache_write_input_tokens", "gen_ai.usage.cache_creation.input_tokens", "cache_write"),
            ),
            "output_tokens": (
                *("output_tokens", "completion_tokens", "tokens_completion", "response_tokens", "generated_tokens"),
                *("output_token_count", "completion_token_count", "candidates_token_count", "num_output_tokens"),
                *("num_completion_tokens", "tokens_out", "output_length", "completion_tok", "output_tok", "output_len"),
                *("usage_details.output", "gen_ai.usage.output_tokens", "response_length", "n_output_tokens"),
            ),
            "reasoning_tokens": ("usage_details.output_reasoning_tokens",),
            "latency_ms": (
                *("latency_ms", "duration_ms", "generation_time_ms", "request_duration_ms", "response_time_ms"),
                *("elapsed_ms", "total_time_ms"),
            ),
            "latency_s": ("latency_s", "duration_s", "latency_seconds", "duration_seconds", "elapsed_s"),
            "latency": ("latency", "duration", "response_time", "elapsed", "elapsed_time"),
            "end_time": ("end_time", "ended_at", "response_created_at", "completed_at", "finished_at"),
            "first_token_ms": ("first_token_ms", "time_to_first_token_ms", "ttft_ms"),
            "first_token_s": ("first_token_s", "ttft_s"),
            "first_token": ("time_to_first_token", "ttft", "first_token_latency"),
            "first_token_time": ("first_token_time", "completion_start_time", "first_token_at"),
            "status": ("status", "response_status", "status_code", "http_status", "level", "outcome"),
            "error": ("error", "error_code", "error_type", "error_message", "exception", "status_message"),
            "failed": ("failed", "is_error", "cancelled", "canceled"),
            "streamed": ("streamed", "stream", "streaming", "is_stream"),
            "temperature": ("temperature", "model_parameters.temperature", "gen_ai.request.temperature"),
            "tools": ("has_tools", "tools", "num_tools", "tool_count"),
            "feature": ("feature", "use_case", "tag", "tags", "app_name", "application", "project", "trace_name"),
            "team": ("team", "team_id", "project_id", "department", "workspace_id"),
            "user": ("end_user", "user_id", "request_user_id", "user", "customer_id"),
            "session": ("session_id", "session", "conversation_id", "thread_id", "chat_id"),
            "prompt_hash": ("prompt_hash", "request_hash", "prompt_sha256"),
            "prompt": ("prompt", "messages", "request_body", "prompt_text"),
            "blocks": ("blocks", "hash_ids", "prefix_hashes", "block_hashes"),
            "gateway_cache_hit": ("gateway_cache_hit",),
            "cost_usd": ("cost_usd", "cost_total", "total_cost", "calculated_total_cost", "cost", "spend"),
            "synthetic": ("synthetic",),
        }
    ),
)
