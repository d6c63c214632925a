"""LangSmith's runs: the CSV of its page, list_runs, and the bulk export (JSON, CSV, Parquet).

https://docs.langchain.com/langsmith/run-data-format; chains repeat the tokens of the llm runs in
them, `session_id` is the project, and prompt tokens include cached ones."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, CachedTokens, Format

LANGSMITH = Format(
    name="langsmith",
    title=text("LangSmith runs"),
    signature=frozenset({"run_type", "start_time", "prompt_tokens", "completion_tokens"}),
    fields=MappingProxyType(
        {
            "time": ("start_time",),
            "end_time": ("end_time",),
            "first_token_time": ("first_token_time",),
            "request_id": ("id",),
            "span_id": ("id",),
            "parent_id": ("parent_run_id",),
            "trace_id": ("trace_id",),
            "kind": ("run_type",),
            "span_name": ("name",),
            "model": (
                "extra.metadata.ls_model_name",
                "extra.invocation_params.model",
                "extra.invocation_params.model_name",
                "metadata.ls_model_name",
                "ls_model_name",
                "model_name",
                "model",
            ),
            "provider": (
                "extra.metadata.ls_provider",
                "metadata.ls_provider",
                "ls_provider",
            ),
            "input_tokens": ("prompt_tokens",),
            "cached_tokens": (
                "prompt_token_details.cache_read",
                "*.input_token_details.cache_read",
                "*.prompt_token_details.cache_read",
                "*.prompt_tokens_details.cached_tokens",
            ),
            "cache_write_tokens": (
                "prompt_token_details.cache_creation",
                "*.input_token_details.cache_creation",
            ),
            "output_tokens": ("completion_tokens",),
            "reasoning_tokens": (
                "completion_token_details.reasoning",
                "*.output_token_details.reasoning",
                "*.completion_tokens_details.reasoning_tokens",
            ),
            "total_tokens": ("total_tokens",),
            "status": ("status",),
            "error": ("error",),
            "feature": (
                "project_name",
                "session_name",
            ),
            "team": ("session_id",),
            "environment": (
                "extra.metadata.environment",
                "metadata.environment",
            ),
            "user": (
                "extra.metadata.user_id",
                "metadata.user_id",
            ),
            "session": (
                "thread_id",
                "extra.metadata.thread_id",
                "extra.metadata.session_id",
                "extra.metadata.conversation_id",
            ),
            "cost_usd": ("total_cost",),
        }
    ),
    cached_tokens=CachedTokens.USUALLY_INCLUDED,
    values=MappingProxyType({"run_type": ("llm", "chain", "tool", "retriever", "embedding", "prompt", "parser")}),
    lacks=MappingProxyType({"cached_tokens": NO_CACHED_TOKENS}),
)
