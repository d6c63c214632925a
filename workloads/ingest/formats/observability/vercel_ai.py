"""Spans of the Vercel AI SDK: an outer span repeats the tokens of the calls of models in it (OTLP JSON, or flat).

https://ai-sdk.dev/docs/ai-sdk-core/telemetry"""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format

VERCEL_AI = Format(
    name="vercel_ai",
    title=text("Vercel AI SDK spans"),
    signature=frozenset({"*.ai.usage.promptTokens", "*.ai.usage.completionTokens", "*.ai.model.id"}),
    other_signatures=(frozenset({"*.ai.usage.inputTokens", "*.ai.usage.outputTokens", "*.ai.model.id"}),),
    fields=MappingProxyType(
        {
            "time": (
                "startTimeUnixNano",
                "start_time",
                "startTime",
                "timestamp",
                "time",
            ),
            "end_time": (
                "endTimeUnixNano",
                "end_time",
                "endTime",
            ),
            "span_id": (
                "span_id",
                "context.span_id",
            ),
            "parent_id": (
                "parent_span_id",
                "parent_id",
            ),
            "trace_id": (
                "trace_id",
                "context.trace_id",
            ),
            "kind": ("*.ai.operationId",),
            "span_name": (
                "name",
                "span_name",
                "*.operation.name",
            ),
            "request_id": ("*.ai.response.id",),
            "model": (
                "*.ai.response.model",
                "*.gen_ai.response.model",
                "*.ai.model.id",
                "*.gen_ai.request.model",
            ),
            "provider": (
                "*.ai.model.provider",
                "*.gen_ai.system",
            ),
            "input_tokens": (
                "*.ai.usage.inputTokens",
                "*.ai.usage.promptTokens",
            ),
            "cached_tokens": (
                "*.ai.usage.cachedInputTokens",
                "*.ai.usage.inputTokenDetails.cacheReadTokens",
            ),
            "cache_write_tokens": ("*.ai.usage.inputTokenDetails.cacheWriteTokens",),
            "output_tokens": (
                "*.ai.usage.outputTokens",
                "*.ai.usage.completionTokens",
            ),
            "reasoning_tokens": (
                "*.ai.usage.reasoningTokens",
                "*.ai.usage.outputTokenDetails.reasoningTokens",
            ),
            "total_tokens": (
                "*.ai.usage.totalTokens",
                "*.ai.usage.tokens",
            ),
            "latency_ms": ("*.ai.response.msToFinish",),
            "first_token_ms": ("*.ai.response.msToFirstChunk",),
            "error": ("*.error.type",),
            "feature": (
                "*.ai.telemetry.functionId",
                "*.resource.name",
                "*.service.name",
            ),
            "user": ("*.ai.telemetry.metadata.userId",),
            "session": ("*.ai.telemetry.metadata.sessionId",),
        }
    ),
    cached_tokens=CachedTokens.GUESSED,
)
