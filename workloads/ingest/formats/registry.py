"""The registry of log formats. A new format is a module beside this one and a line in it."""

from collections.abc import Mapping
from types import MappingProxyType

from workloads.ingest.formats.azure import AZURE
from workloads.ingest.formats.base import Format
from workloads.ingest.formats.litellm import LITELLM
from workloads.ingest.formats.mooncake import MOONCAKE
from workloads.ingest.formats.netra import NETRA
from workloads.ingest.formats.tabular import TABULAR

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "azure": AZURE,
        "litellm": LITELLM,
        "mooncake": MOONCAKE,
        "netra": NETRA,
        "tabular": TABULAR,
    }
)
"""Formats by name; a file that fits no signature is read as "tabular"."""
