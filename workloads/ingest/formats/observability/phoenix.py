"""Spans with OpenInference's attributes, as Arize Phoenix exports them (CSV, Parquet, JSON).

https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md; the prompt's count includes its
details, and the completion's includes reasoning."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format

PHOENIX = Format(
    name="phoenix",
    title=text("Phoenix spans (OpenInference)"),
    signature=frozenset({"*.llm.token_count.prompt", "*.llm.token_count.completion"}),
    fields=MappingProxyType(
        {
            "time": (
                "start_time",
                "startTime",
                "startTimeUnixNano",
            ),
            "end_time": (
                "end_time",
                "endTime",
                "endTimeUnixNano",
            ),
            "span_id": (
                "context.span_id",
                "span_id",
                "spanId",
            ),
            "parent_id": (
                "parent_id",
                "parent_span_id",
                "parentSpanId",
            ),
            "trace_id": (
                "context.trace_id",
                "trace_id",
                "traceId",
            ),
            "kind": (
                "*.openinference.span.kind",
                "span_kind",
                "spanKind",
            ),
            "span_name": ("name",),
            "model": ("*.llm.model_name",),
            "provider": (
                "*.llm.provider",
                "*.llm.system",
            ),
            "input_tokens": ("*.llm.token_count.prompt",),
            "cached_tokens": ("*.llm.token_count.prompt_details.cache_read",),
            "cache_write_tokens": ("*.llm.token_count.prompt_details.cache_write",),
            "audio_input_tokens": ("*.llm.token_count.prompt_details.audio",),
            "output_tokens": ("*.llm.token_count.completion",),
            "reasoning_tokens": ("*.llm.token_count.completion_details.reasoning",),
            "audio_output_tokens": ("*.llm.token_count.completion_details.audio",),
            "total_tokens": ("*.llm.token_count.total",),
            "status": (
                "status_code",
                "statusCode",
            ),
            "error": (
                "*.exception.type",
                "status_message",
            ),
            "feature": (
                "*.metadata.feature",
                "*.agent.name",
                "*.service.name",
            ),
            "user": ("*.user.id",),
            "session": ("*.session.id",),
            "cost_usd": ("*.llm.cost.total",),
        }
    ),
    cached_tokens=CachedTokens.USUALLY_INCLUDED,
)
