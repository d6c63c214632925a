"""Which measures and fields answer a question for a measure."""

from collections.abc import Mapping
from types import MappingProxyType

FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "spend": ("spend", "cost", "saving", "price", "fail"),
        "latency": ("latency",),
        "first_token": ("first_token",),
        "failures": ("fail", "error", "status"),
        "error_rate": ("fail", "error", "status"),
        "failed_spend": ("fail", "error", "status"),
        "cache_share": ("cache",),
        "cached_tokens": ("cache",),
        "cache_write_tokens": ("cache",),
        "reasoning_tokens": ("reasoning",),
        "reasoning_spend": ("reasoning",),
        "tokens": ("token", "_per_request", "output_per_"),
        "token_kinds": ("token", "output_spend"),
        "output_tokens": ("output",),
        "cost_per_million_output": ("cost_per_million_output", "output_tokens", "output_per_"),
        "cost_per_million_input": ("cost_per_million_input", "input_tokens", "_per_input"),
        "output_per_request": ("output",),
        "input_tokens": ("input", "cache", "fresh"),
        "input_per_request": ("input",),
    }
)
"""Parts of the names of measures and fields that answer a question for a measure. Others answer by their own name."""
