"""Results of Anthropic's Message Batches (JSON lines): everything was bought at the batch price.

https://docs.anthropic.com/en/api/retrieving-message-batch-results; the results have no times."""

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format
from workloads.ingest.formats.providers.answer_names import ANSWER_NAMES, SPAN_NAMES

_USAGE = "result.message.usage"

ANTHROPIC_BATCH = Format(
    name="anthropic_batch",
    title=text("Anthropic batch results"),
    signature=frozenset({"custom_id", "result.type", f"{_USAGE}.input_tokens", f"{_USAGE}.output_tokens"}),
    never=SPAN_NAMES,
    fields=ANSWER_NAMES,
    cached_tokens=CachedTokens.GUESSED,
    service_tier="batch",
)
