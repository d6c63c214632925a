"""ccusage's reports (https://ccusage.com): sums by day, week, month or session of a coding agent (JSON)."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Format

CCUSAGE = Format(
    name="ccusage",
    title=text("ccusage report"),
    signature=frozenset({"inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "totalCost"}),
    fields=MappingProxyType(
        {
            "time": ("date", "week", "month", "lastActivity"),
            "model": ("model", "modelName", "modelsUsed"),
            "fresh_input_tokens": ("inputTokens",),
            "cached_tokens": ("cacheReadTokens",),
            "cache_write_tokens": ("cacheCreationTokens",),
            "output_tokens": ("outputTokens",),
            "total_tokens": ("totalTokens",),
            "session": ("sessionId",),
            "cost_usd": ("totalCost",),
        }
    ),
    are_sums=True,
)
