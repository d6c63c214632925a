"""Answers of Anthropic's Messages API, as one's own log keeps them (JSON).

https://docs.anthropic.com/en/api/messages; `input_tokens` exclude the tokens read from and written to the cache, and
`cache_creation` splits the written ones by lifetime."""

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format
from workloads.ingest.formats.providers.answer_names import ANSWER_NAMES, SPAN_NAMES

ANTHROPIC_MESSAGES = Format(
    name="anthropic_messages",
    title=text("Anthropic Messages answers"),
    signature=frozenset({"*.usage.input_tokens", "*.usage.output_tokens", "*.usage.cache_read_input_tokens"}),
    other_signatures=(
        frozenset({"*.usage.input_tokens", "*.usage.output_tokens", "*.usage.cache_creation_input_tokens"}),
    ),
    never=SPAN_NAMES,
    fields=ANSWER_NAMES,
    cached_tokens=CachedTokens.GUESSED,
)
