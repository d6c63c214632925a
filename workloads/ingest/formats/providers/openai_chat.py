"""Answers of OpenAI's Chat Completions and of compatible APIs, as one's own log keeps them (JSON).

https://platform.openai.com/docs/api-reference/chat/object; Gemini's at https://ai.google.dev/gemini-api/docs/openai
counts thoughts only in the total."""

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format
from workloads.ingest.formats.providers.answer_names import ANSWER_NAMES, SPAN_NAMES

OPENAI_CHAT = Format(
    name="openai_chat",
    title=text("Chat Completions answers"),
    signature=frozenset({"*.usage.prompt_tokens", "*.usage.completion_tokens"}),
    never=SPAN_NAMES,
    fields=ANSWER_NAMES,
    cached_tokens=CachedTokens.GUESSED,
)
