"""Azure's public LLM inference traces (github.com/Azure/AzurePublicDataset): time and token counts, no model."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Format

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
