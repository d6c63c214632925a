"""The names that fields usually have in logs, best first: those of systems, providers and people's own tables."""

from collections.abc import Mapping
from types import MappingProxyType

EVENT_NAMES = ("event", "event_name", "event_type", "msg")
"""Columns of applications' own logs that name the event of a line, of which only some are answers of a model."""

USUAL_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "time": (
            *("time", "timestamp", "start_time", "started_at", "request_created_at", "created_at", "created"),
            *("request_time", "date_time", "datetime", "ts", "at", "date", "day", "usage_date_utc", "usage_date"),
            *("starting_at", "time_generated_utc", "time_generated", "start_time_unix_nano", "start_time_iso"),
            *("datum", "zeitpunkt", "zeitstempel", "horodatage", "fecha", "utc_date"),
        ),
        "time_of_day": ("time_of_day",),
        "requests": (
            *("num_model_requests", "requests", "num_requests", "n_requests", "request_count"),
            *("requests_count", "total_requests", "api_requests", "model_requests", "number_of_requests"),
            *("api_calls", "calls", "num_calls", "n_calls", "call_count", "total_calls", "invocations"),
            *("invocation_count", "anfragen", "aufrufe", "requetes", "appels", "solicitudes", "peticiones"),
            *("requisicoes", "chamadas", "solicitacoes", "richieste", "chiamate", "num_anfragen"),
            *("anzahl_anfragen", "azureopenairequests", "verzoeken", "prompts_sent"),
        ),
        "period_end": ("ending_at", "period_end", "bucket_end"),
        "span_id": ("span_id", "context.span_id", "id"),
        "parent_id": ("parent_span_id", "parent_id", "parent_run_id", "parent_observation_id"),
        "trace_id": ("trace_id", "context.trace_id"),
        "kind": (
            *("gen_ai.operation.name", "openinference.span.kind", "span_kind", "run_type", "payload.type", "type"),
            *("call_type", "operation_name", *EVENT_NAMES),
        ),
        "span_name": ("span_name", "name"),
        "request_id": ("message.id", "request_id", "response_id", "generation_id", "call_id", "id", "response.id"),
        "model": (
            *("model_permaslug", "response_model", "answered_model", "actual_model", "served_model", "model_used"),
            *("resolved_model", "routed_model", "model", "model_name", "model_id", "provided_model_name"),
            *(
                "gen_ai.response.model",
                "gen_ai.request.model",
                "ai.response.model",
                "ai.model.id",
                "llm.model_name",
            ),
            *("model_version", "ai_model", "engine", "deployment", "deployment_name", "models_used"),
            *("modell", "modele", "modelo"),
        ),
        "provider": (
            "provider",
            "provider_name",
            "custom_llm_provider",
            "gen_ai.system",
            "gen_ai.provider.name",
            "ai_org",
        ),
        "input_tokens": (
            *("input_tokens", "prompt_tokens", "tokens_prompt", "request_tokens", "context_tokens"),
            *("input_token_count", "prompt_token_count", "num_input_tokens", "num_prompt_tokens", "tokens_in"),
            *("input_length", "prompt_tok", "input_tok", "prompt_len", "gen_ai.usage.input_tokens"),
            *(
                "prompt_length",
                "n_input_tokens",
                "total_input_tokens",
                "n_context_tokens_total",
                "token_count.prompt",
            ),
            *("req_units", "prompt_eval_count", "tokens_input", "input_token", "in_tokens", "tokens_entrada"),
            *("eingabetoken", "eingabetokens", "jetonsdentree", "tokensdentree", "tokensdeentrada"),
        ),
        "fresh_input_tokens": (
            *("fresh_input_tokens", "uncached_input_tokens", "usage_details.input", "usage_details.input_tokens"),
            *("prompt_cache_miss_tokens", "cache_miss_tokens", "uncached_tokens", "uncached_prompt_tokens"),
            *("non_cached_input_tokens", "non_cached_tokens", "input_tokens_without_cache", "input_tokens_no_cache"),
            *("eingabetokensohnecache", "ungecachteeingabetokens", "jetonsdentreehorscache"),
        ),
        "cached_tokens": (
            *("cached_tokens", "cache_read_input_tokens", "tokens_cached", "input_cached_tokens"),
            *("cached_input_tokens", "cache_read_tokens", "cached_content_token_count", "promptcachehittokens"),
            *("usage_details.input_cached_tokens", "usage_details.cache_read_input_tokens", "input_cache_read"),
            *("cache_read_input_token_count", "prompt_details.cache_read"),
            *("gen_ai.usage.cache_read.input_tokens", "cache_read", "prompt_cached_tokens", "prompt_cache_read_tokens"),
            *("cachetoken", "cachetokens", "jetonsencache", "tokensencache", "tokens_cache_read"),
            *("cached_prompt_tokens", "cache_hit_tokens", "cachelesetokens", "zwischengespeichertetokens"),
            *("gecachtetokens", "jetonslusencache", "tokensleidosdecache"),
        ),
        "cache_write_tokens": (
            *("cache_write_tokens", "cache_creation_input_tokens", "cache_creation_tokens"),
            *("cache_write_input_tokens", "gen_ai.usage.cache_creation.input_tokens", "cache_write"),
            *("gen_ai.usage.cache_write.input_tokens", "input_cache_creation", "cache_write_input_token_count"),
            *("prompt_cache_creation_tokens", "prompt_cache_write_tokens"),
            *("tokens_cache_write", "cacheschreibtokens", "cacheschreibtoken", "jetonsecritsencache"),
        ),
        "cache_write_5m_tokens": (
            *("ephemeral_5m_input_tokens", "cache_write_5m_tokens", "cache_write_5m", "cache_creation_5m"),
            *("cache_creation_5m_tokens", "cache_creation_5m_input_tokens", "cache_write_5m_input_tokens"),
            *("cache_write_tokens_5m", "cache_write_5min"),
        ),
        "cache_write_1h_tokens": (
            *("ephemeral_1h_input_tokens", "cache_write_1h_tokens", "cache_write_1h", "cache_creation_1h"),
            *("cache_creation_1h_tokens", "cache_creation_1h_input_tokens", "cache_write_1h_input_tokens"),
            *("cache_write_tokens_1h", "cache_write_1hour"),
        ),
        "tool_prompt_tokens": ("tool_use_prompt_token_count", "tool_token_count"),
        "audio_input_tokens": (
            *("input_audio_tokens", "input_token_details.audio_tokens", "input_tokens_details.audio_tokens"),
            *("prompt_tokens_details.audio_tokens",),
        ),
        "audio_cached_tokens": ("input_cached_audio_tokens", "cached_tokens_details.audio_tokens"),
        "image_input_tokens": ("input_image_tokens", "input_token_details.image_tokens"),
        "output_tokens": (
            *("output_tokens", "completion_tokens", "tokens_completion", "response_tokens", "generated_tokens"),
            *("output_token_count", "completion_token_count", "candidates_token_count", "num_output_tokens"),
            *("num_completion_tokens", "tokens_out", "output_length", "completion_tok", "output_tok", "output_len"),
            *("usage_details.output", "gen_ai.usage.output_tokens", "response_length", "n_output_tokens"),
            *("total_output_tokens", "n_generated_tokens_total", "token_count.completion"),
            *("res_units", "eval_count", "tokens_output", "output_token", "out_tokens", "tokens_salida"),
            *("ausgabetoken", "ausgabetokens", "jetonsdesortie", "tokensdesortie", "tokensdesalida"),
        ),
        "reasoning_tokens": (
            *("usage_details.output_reasoning_tokens", "completion_tokens_details.reasoning_tokens"),
            *("output_tokens_details.reasoning_tokens", "thoughts_token_count", "tokens_reasoning"),
            *("reasoning_output_tokens", "reasoning_tokens"),
        ),
        "audio_output_tokens": (
            *("output_audio_tokens", "output_token_details.audio_tokens", "output_tokens_details.audio_tokens"),
            *("completion_tokens_details.audio_tokens",),
        ),
        "image_output_tokens": (
            *("output_image_tokens", "output_token_details.image_tokens", "output_tokens_details.image_tokens"),
            *("completion_tokens_details.image_tokens", "image_output_tokens"),
        ),
        "total_tokens": (
            *("total_tokens", "total_token_count", "usage_details.total", "tokens_total", "token_count.total"),
            *("total_units", "token_transaction", "processed_inference_tokens"),
        ),
        "running_total": ("total_token_usage.total_tokens", "accumulated_usage.total_tokens"),
        "service_tier": ("service_tier", "usage_type", "tier", "processing", "processing_tier", "processing_type"),
        "batch": (
            *("batch", "is_batch", "batched", "is_batched", "batch_api", "is_batch_api", "via_batch", "use_batch"),
            *("batch_mode", "batch_request", "in_batch", "stapel"),
        ),
        "geography": ("inference_geo",),
        "searches": ("web_search_requests", "web_search_count", "num_searches", "searches"),
        "api_key": ("api_key_name", "api_key_alias", "key_alias", "api_key_id", "api_key", "key_name", "key"),
        "customer": ("customer", "customer_name", "customer_id", "tenant", "tenant_id", "organization_name"),
        "environment": ("environment", "env", "deployment_environment"),
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
        "status": (
            "status",
            "response_status",
            "status_code",
            "response_status_code",
            "http_status",
            "level",
            "outcome",
        ),
        "error": (
            "error",
            "error_code",
            "error_type",
            "error_class",
            "exception_class",
            "error_message",
            "exception",
            "status_message",
        ),
        "failed": ("failed", "is_error", "cancelled", "canceled"),
        "streamed": ("streamed", "stream", "streaming", "is_stream"),
        "temperature": ("temperature", "model_parameters.temperature", "gen_ai.request.temperature"),
        "tools": ("has_tools", "tools", "num_tools", "tool_count"),
        "feature": (
            "feature",
            "workflow",
            "workflow_name",
            "use_case",
            "tag",
            "tags",
            "app_name",
            "application",
            "project",
            "trace_name",
        ),
        "team": (
            "team",
            "team_alias",
            "team_name",
            "team_id",
            "project_id",
            "department",
            "workspace_id",
            "abteilung",
            "equipe",
            "equipo",
        ),
        "user": (
            "end_user",
            "user_id",
            "request_user_id",
            "user",
            "user.id",
            "username",
            "member",
            "benutzer",
            "nutzer",
            "utilisateur",
            "usuario",
        ),
        "session": ("session_id", "session", "conversation_id", "thread_id", "chat_id"),
        "prompt_hash": ("prompt_hash", "request_hash", "prompt_sha256"),
        "prompt": ("prompt", "messages", "request_body", "prompt_text"),
        "blocks": ("blocks", "hash_ids", "prefix_hashes", "block_hashes"),
        "gateway_cache_hit": ("gateway_cache_hit", "cache_hit"),
        "cost_usd": (
            *("cost_usd", "cost_in_usd", "cost_total", "total_cost", "calculated_total_cost", "response_cost"),
            *("cost", "spend"),
        ),
        "synthetic": ("synthetic",),
    }
)
"""By field. For each field, the first name that the file has is used."""

OWN_LOG_FIELDS = (
    *("time", "provider", "latency_ms", "latency_s", "latency", "end_time", "first_token_ms", "first_token_s"),
    *("first_token", "first_token_time", "error", "failed", "streamed", "temperature", "feature", "team", "api_key"),
    *("customer", "environment", "user", "session", "prompt_hash", "prompt", "blocks", "gateway_cache_hit"),
    *("synthetic", "cost_usd"),
)
"""What people write beside a provider's answer when they log it themselves."""


def select_names(*fields: str) -> dict[str, tuple[str, ...]]:
    """Return the usual names of these fields."""
    return {field: USUAL_NAMES[field] for field in fields}
