"""Public traces of research, one row a request."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Clock, Format

AZURE = Format(
    name="azure",
    title=text("Azure LLM inference trace"),
    signature=frozenset({"TIMESTAMP", "ContextTokens", "GeneratedTokens"}),
    fields=MappingProxyType(
        {
            "time": ("TIMESTAMP",),
            "input_tokens": ("ContextTokens",),
            "output_tokens": ("GeneratedTokens",),
        }
    ),
)
"""Azure's LLM inference traces (https://github.com/Azure/AzurePublicDataset): time and token counts, no model."""

BURSTGPT = Format(
    name="burstgpt",
    title=text("BurstGPT trace"),
    signature=frozenset({"Timestamp", "Model", "Request tokens", "Response tokens", "Log Type"}),
    fields=MappingProxyType(
        {
            "time": ("Timestamp",),
            "model": ("Model",),
            "input_tokens": ("Request tokens",),
            "output_tokens": ("Response tokens",),
            "total_tokens": ("Total tokens",),
            "latency_s": ("Elapsed time",),
            "session": ("Session ID",),
            "feature": ("Log Type",),
        }
    ),
)
"""BurstGPT's trace (https://github.com/HPMLL/BurstGPT), timed in seconds from its start."""

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
"""Mooncake's request traces (https://github.com/kvcache-ai/Mooncake): a clock that begins with the trace, and chained
hashes of prefix blocks."""
