"""Answers of OpenAI's Responses API, and of its Realtime API, as one's own log keeps them (JSON).

https://platform.openai.com/docs/api-reference/responses/object; cached and written tokens are inside `input_tokens`,
reasoning is inside `output_tokens`."""

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format
from workloads.ingest.formats.providers.answer_names import ANSWER_NAMES, SPAN_NAMES

OPENAI_RESPONSES = Format(
    name="openai_responses",
    title=text("OpenAI Responses answers"),
    signature=frozenset(
        {"*.usage.input_tokens", "*.usage.output_tokens", "*.usage.input_tokens_details.cached_tokens"}
    ),
    other_signatures=(
        frozenset({"*.usage.input_tokens", "*.usage.output_tokens", "*.usage.input_token_details.cached_tokens"}),
    ),
    never=SPAN_NAMES,
    fields=ANSWER_NAMES,
    cached_tokens=CachedTokens.GUESSED,
)
