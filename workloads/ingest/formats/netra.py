"""Netra's own format: one JSON object (or CSV row) per request whose keys are the fields of `workloads.mapping`."""

from types import MappingProxyType

from netra.language.text import text
from workloads.formats.base import Format
from workloads.mapping import FIELDS

NETRA = Format(
    name="netra",
    title=text("Netra log"),
    signature=frozenset({"netra", "time", "model", "input_tokens", "output_tokens"}),
    fields=MappingProxyType({field: (field,) for field in FIELDS}),
    block_tokens=128,
)
