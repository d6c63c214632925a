"""Gemini: answers of the Gemini API and Vertex AI as one's own log keeps them, and results of batches."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format
from workloads.ingest.formats.providers.answer_names import ANSWER_NAMES, SPAN_NAMES

GEMINI = Format(
    name="gemini",
    title=text("Gemini answers"),
    signature=frozenset({"*.usageMetadata.promptTokenCount", "*.usageMetadata.totalTokenCount"}),
    other_signatures=(frozenset({"*.usageMetadata.promptTokenCount", "*.usageMetadata.candidatesTokenCount"}),),
    never=SPAN_NAMES,
    fields=ANSWER_NAMES,
    cached_tokens=CachedTokens.GUESSED,
)
"""Answers of generateContent (JSON): https://ai.google.dev/api/generate-content#UsageMetadata.

Cached tokens are inside `promptTokenCount`, thoughts and tool results beside the candidates and the prompt."""

_BATCH_COUNTS = ("response.usageMetadata.promptTokenCount", "response.usageMetadata.totalTokenCount")

GEMINI_BATCH = Format(
    name="gemini_batch",
    title=text("Gemini batch results"),
    signature=frozenset({"key", *_BATCH_COUNTS}),
    other_signatures=(frozenset({"processed_time", *_BATCH_COUNTS}),),
    never=SPAN_NAMES,
    fields=MappingProxyType({**ANSWER_NAMES, "time": (*ANSWER_NAMES["time"], "processed_time")}),
    cached_tokens=CachedTokens.GUESSED,
    service_tier="batch",
)
"""Results of batches (JSON lines): everything was bought at the batch price.

https://ai.google.dev/gemini-api/docs/batch-api and
https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/batch-prediction-gemini"""
