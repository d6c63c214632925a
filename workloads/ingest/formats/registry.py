"""Every format that Netra reads. A new one is a file beside this and a line in it."""

from collections.abc import Mapping
from types import MappingProxyType

from workloads.formats.azure import AZURE
from workloads.formats.base import Format
from workloads.formats.litellm import LITELLM
from workloads.formats.mooncake import MOONCAKE
from workloads.formats.netra import NETRA
from workloads.formats.tabular import TABULAR

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "azure": AZURE,
        "litellm": LITELLM,
        "mooncake": MOONCAKE,
        "netra": NETRA,
        "tabular": TABULAR,
    }
)
"""Name to format; a file that no signature fits is read as "tabular"."""
