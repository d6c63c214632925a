"""Invocation logs of Amazon Bedrock (JSON, or in a column
of CloudWatch's CSV): one object a call, cached tokens beside the input.

https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html"""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Format

BEDROCK = Format(
    name="bedrock",
    title=text("Amazon Bedrock invocation log"),
    signature=frozenset({"*.modelId", "*.input.inputTokenCount", "*.output.outputTokenCount"}),
    other_signatures=(
        frozenset({"*.schemaType", "*.modelId", "*.input.inputTokenCount", "*.output.outputTokenCount"}),
    ),
    fields=MappingProxyType(
        {
            "time": ("*.timestamp",),
            "request_id": ("*.requestId",),
            "model": ("*.modelId",),
            "fresh_input_tokens": ("*.input.inputTokenCount",),
            "cached_tokens": ("*.input.cacheReadInputTokenCount",),
            "cache_write_tokens": ("*.input.cacheWriteInputTokenCount",),
            "output_tokens": ("*.output.outputTokenCount",),
            "latency_ms": ("*.outputBodyJson.metrics.latencyMs",),
            "error": ("*.errorCode",),
            "user": ("*.identity.arn",),
            "customer": ("*.accountId",),
        }
    ),
    values=MappingProxyType({"schemaType": ("modelinvocationlog",)}),
)
