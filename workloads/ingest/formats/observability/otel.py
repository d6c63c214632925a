"""Spans with OpenTelemetry's GenAI attributes, of both generations of names (OTLP JSON, or a column an attribute).

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/; cached tokens should be inside the input, but not
every instrumentation follows that. Spans of agents repeat the tokens of the calls in them."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format

OTEL = Format(
    name="otel",
    title=text("OpenTelemetry GenAI spans"),
    signature=frozenset({"*.gen_ai.usage.input_tokens", "*.gen_ai.usage.output_tokens"}),
    other_signatures=(frozenset({"*.gen_ai.usage.prompt_tokens", "*.gen_ai.usage.completion_tokens"}),),
    fields=MappingProxyType(
        {
            "time": (
                "startTimeUnixNano",
                "start_time",
                "startTime",
                "timestamp",
                "time",
                "_time",
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
            "kind": ("*.gen_ai.operation.name",),
            "span_name": (
                "name",
                "span_name",
            ),
            "request_id": ("*.gen_ai.response.id",),
            "model": (
                "*.gen_ai.response.model",
                "*.gen_ai.request.model",
            ),
            "provider": (
                "*.gen_ai.provider.name",
                "*.gen_ai.system",
            ),
            "input_tokens": (
                "*.gen_ai.usage.input_tokens",
                "*.gen_ai.usage.prompt_tokens",
            ),
            "cached_tokens": (
                "*.gen_ai.usage.cache_read.input_tokens",
                "*.gen_ai.usage.cache_read_input_tokens",
                "*.gen_ai.usage.input_tokens.cached",
                "*.gen_ai.usage.cached_tokens",
                "*.gen_ai.usage.input_tokens_details.cached_tokens",
            ),
            "cache_write_tokens": (
                "*.gen_ai.usage.cache_write.input_tokens",
                "*.gen_ai.usage.cache_creation.input_tokens",
                "*.gen_ai.usage.cache_creation_input_tokens",
                "*.gen_ai.usage.input_tokens.cache_write",
            ),
            "output_tokens": (
                "*.gen_ai.usage.output_tokens",
                "*.gen_ai.usage.completion_tokens",
            ),
            "reasoning_tokens": (
                "*.gen_ai.usage.reasoning.output_tokens",
                "*.gen_ai.usage.output_tokens.reasoning",
                "*.gen_ai.usage.reasoning_tokens",
            ),
            "total_tokens": (
                "*.gen_ai.usage.total_tokens",
                "*.llm.usage.total_tokens",
            ),
            "service_tier": (
                "*.openai.response.service_tier",
                "*.gen_ai.openai.response.service_tier",
                "*.openai.request.service_tier",
                "*.gen_ai.openai.request.service_tier",
            ),
            "status": (
                "status.status_code",
                "status_code",
            ),
            "error": ("*.error.type",),
            "temperature": ("*.gen_ai.request.temperature",),
            "feature": (
                "*.gen_ai.agent.name",
                "*.service.name",
            ),
            "environment": (
                "*.deployment.environment.name",
                "*.deployment.environment",
            ),
            "user": (
                "*.user.id",
                "*.enduser.id",
            ),
            "session": (
                "*.gen_ai.conversation.id",
                "*.session.id",
            ),
            "cost_usd": (
                "*.gen_ai.usage.cost",
                "*.gen_ai.cost.total_cost",
            ),
        }
    ),
    cached_tokens=CachedTokens.GUESSED,
)
