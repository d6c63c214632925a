"""BurstGPT's trace (https://github.com/HPMLL/BurstGPT): seconds from the start, one row a request."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Format

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
