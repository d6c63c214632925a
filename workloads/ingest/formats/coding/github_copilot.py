"""GitHub's AI usage report (Billing > Usage > AI usage report, CSV): sums by day, user and model.

https://docs.github.com/en/billing/reference/billing-reports; its four columns of tokens are disjoint, reports before
mid-2026 call them `total_input_tokens` and so on."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Format

GITHUB_COPILOT = Format(
    name="github_copilot",
    title=text("GitHub AI usage report"),
    signature=frozenset({"date", "username", "product", "sku", "model", "unit_type"}),
    fields=MappingProxyType(
        {
            "time": ("date",),
            "model": ("model",),
            "user": ("username",),
            "customer": ("organization",),
            "team": ("cost_center_name",),
            "fresh_input_tokens": ("input", "total_input_tokens"),
            "cached_tokens": ("cache_read", "total_cache_read_tokens"),
            "cache_write_tokens": ("cache_write", "total_cache_write_tokens"),
            "output_tokens": ("output", "total_output_tokens"),
            "cost_usd": ("gross_amount",),
        }
    ),
    are_sums=True,
)
