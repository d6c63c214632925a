"""Results of batches of the Gemini API and Vertex AI (JSON lines): everything was bought at the batch price.

https://ai.google.dev/gemini-api/docs/batch-api and
https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/batch-prediction-gemini"""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format
from workloads.ingest.formats.providers.answer_names import ANSWER_NAMES, SPAN_NAMES

_COUNTS = ("response.usageMetadata.promptTokenCount", "response.usageMetadata.totalTokenCount")

GEMINI_BATCH = Format(
    name="gemini_batch",
    title=text("Gemini batch results"),
    signature=frozenset({"key", *_COUNTS}),
    other_signatures=(frozenset({"processed_time", *_COUNTS}),),
    never=SPAN_NAMES,
    fields=MappingProxyType({**ANSWER_NAMES, "time": (*ANSWER_NAMES["time"], "processed_time")}),
    cached_tokens=CachedTokens.GUESSED,
    service_tier="batch",
)
