"""Answers of Gemini's generateContent, of the Gemini API and Vertex AI, as one's own log keeps them (JSON).

https://ai.google.dev/api/generate-content#UsageMetadata; cached tokens are inside `promptTokenCount`, thoughts and
tool results beside the candidates and the prompt."""

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
