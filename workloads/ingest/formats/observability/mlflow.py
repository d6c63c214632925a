"""MLflow's traces, from search_traces (a DataFrame, written as CSV or JSON) or the REST API (JSON): one row a trace,
whose tokens are the sum of its calls.

https://mlflow.org/docs/latest/genai/tracing/observe-with-traces/query-via-sdk has the columns and
https://mlflow.org/docs/latest/genai/tracing/token-usage-cost/ the tokens; a trace names no model, and may
hold several calls."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, NO_MODEL, CachedTokens, Format

MLFLOW = Format(
    name="mlflow",
    title=text("MLflow traces"),
    signature=frozenset({"*.mlflow.trace.tokenUsage.input_tokens", "*.mlflow.trace.tokenUsage.output_tokens"}),
    fields=MappingProxyType(
        {
            "time": (
                "*.request_time",
                "*.timestamp_ms",
                "request_time",
            ),
            "latency": ("*.execution_duration_ms",),
            "latency_ms": ("execution_duration", "execution_time_ms"),
            "request_id": (
                "*.trace_id",
                "*.request_id",
            ),
            "model": (
                "*.mlflow.llm.model",
                "*.mlflow.modelId",
            ),
            "input_tokens": ("*.mlflow.trace.tokenUsage.input_tokens",),
            "cached_tokens": ("*.mlflow.trace.tokenUsage.cache_read_input_tokens",),
            "cache_write_tokens": ("*.mlflow.trace.tokenUsage.cache_creation_input_tokens",),
            "output_tokens": ("*.mlflow.trace.tokenUsage.output_tokens",),
            "total_tokens": ("*.mlflow.trace.tokenUsage.total_tokens",),
            "status": (
                "*.info.state",
                "*.info.status",
                "state",
                "status",
            ),
            "feature": ("*.mlflow.traceName",),
            "user": ("*.mlflow.trace.user",),
            "session": ("*.mlflow.trace.session",),
        }
    ),
    cached_tokens=CachedTokens.GUESSED,
    lacks=MappingProxyType({"model": NO_MODEL, "cached_tokens": NO_CACHED_TOKENS}),
)
