"""The registry of log formats. A new format is a module beside this one and a line in it."""

from collections.abc import Mapping
from types import MappingProxyType

from workloads.ingest.formats.anthropic_console import ANTHROPIC_CONSOLE
from workloads.ingest.formats.anthropic_usage import ANTHROPIC_USAGE
from workloads.ingest.formats.azure import AZURE
from workloads.ingest.formats.base import Format
from workloads.ingest.formats.ccusage import CCUSAGE
from workloads.ingest.formats.cursor import CURSOR
from workloads.ingest.formats.github_copilot import GITHUB_COPILOT
from workloads.ingest.formats.litellm import LITELLM
from workloads.ingest.formats.mooncake import MOONCAKE
from workloads.ingest.formats.netra import NETRA
from workloads.ingest.formats.openai_batch import OPENAI_BATCH
from workloads.ingest.formats.tabular import TABULAR

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "anthropic_console": ANTHROPIC_CONSOLE,
        "anthropic_usage": ANTHROPIC_USAGE,
        "azure": AZURE,
        "ccusage": CCUSAGE,
        "cursor": CURSOR,
        "github_copilot": GITHUB_COPILOT,
        "litellm": LITELLM,
        "mooncake": MOONCAKE,
        "netra": NETRA,
        "openai_batch": OPENAI_BATCH,
        "tabular": TABULAR,
    }
)
"""Formats by name; a file that fits no signature is read as "tabular"."""
