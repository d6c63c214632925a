"""Mooncake's request traces (github.com/kvcache-ai/Mooncake): a relative clock and chained hashes of prefix blocks."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Clock, Format

MOONCAKE = Format(
    name="mooncake",
    title=text("Mooncake trace"),
    signature=frozenset({"timestamp", "input_length", "output_length", "hash_ids"}),
    fields=MappingProxyType(
        {
            "time": ("timestamp",),
            "input_tokens": ("input_length",),
            "output_tokens": ("output_length",),
            "blocks": ("hash_ids",),
        }
    ),
    clock=Clock.MILLISECONDS,
    block_tokens=512,
)
