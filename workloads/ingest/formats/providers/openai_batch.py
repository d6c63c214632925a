"""The output file of OpenAI's Batch API (JSON lines; https://platform.openai.com/docs/guides/batch).

Every request in it was bought at the batch price."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format

_BODY = "response.body"
_USAGE = f"{_BODY}.usage"

OPENAI_BATCH = Format(
    name="openai_batch",
    title=text("OpenAI batch output"),
    signature=frozenset({"custom_id", "response.status_code", f"{_BODY}.model"}),
    fields=MappingProxyType(
        {
            "time": (f"{_BODY}.created", f"{_BODY}.created_at"),
            "request_id": ("id",),
            "model": (f"{_BODY}.model",),
            "input_tokens": (f"{_USAGE}.prompt_tokens", f"{_USAGE}.input_tokens"),
            "cached_tokens": (
                f"{_USAGE}.prompt_tokens_details.cached_tokens",
                f"{_USAGE}.input_tokens_details.cached_tokens",
            ),
            "output_tokens": (f"{_USAGE}.completion_tokens", f"{_USAGE}.output_tokens"),
            "total_tokens": (f"{_USAGE}.total_tokens",),
            "status": ("response.status_code",),
        }
    ),
    cached_tokens=CachedTokens.USUALLY_INCLUDED,
    service_tier="batch",
)
