"""Anthropic's report of Claude Code (GET /v1/organizations/usage_report/claude_code): sums by day, user and model
(JSON).

https://platform.claude.com/docs/en/api/admin/usage_report; costs are in cents, and the number of requests is not
said. How long cache writes last isn't either: they are priced as those of five minutes."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Format

CLAUDE_CODE_REPORT = Format(
    name="claude_code_report",
    title=text("Claude Code usage report"),
    signature=frozenset({"date", "model", "tokens.input", "tokens.output", "tokens.cache_read"}),
    fields=MappingProxyType(
        {
            "time": ("date",),
            "model": ("model",),
            "fresh_input_tokens": ("tokens.input",),
            "cached_tokens": ("tokens.cache_read",),
            "cache_write_tokens": ("tokens.cache_creation",),
            "output_tokens": ("tokens.output",),
            "user": ("actor.email_address", "actor.api_key_name"),
            "cost_usd": ("estimated_cost.amount",),
        }
    ),
    are_sums=True,
    cost_divisor=100,
)
