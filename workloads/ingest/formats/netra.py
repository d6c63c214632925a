"""Netra's own format: one JSON object (or CSV row) per request whose keys are the fields of
`workloads.ingest.fields`."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.fields import FIELDS
from workloads.ingest.formats.base import Format

NETRA = Format(
    name="netra",
    title=text("Netra log"),
    signature=frozenset({"netra", "time", "model", "input_tokens", "output_tokens"}),
    fields=MappingProxyType({field: (field,) for field in FIELDS}),
    block_tokens=128,
)
