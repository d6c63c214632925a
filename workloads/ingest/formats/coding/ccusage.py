"""ccusage's reports: sums by day, week, month, session or block of a coding agent (JSON).

https://ccusage.com/guide/json-output; a day's sums by model (`modelBreakdowns`) are read where it has them."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Format

CCUSAGE = Format(
    name="ccusage",
    title=text("ccusage report"),
    signature=frozenset({"inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "totalCost"}),
    other_signatures=(
        frozenset({"modelName", "inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens", "cost"}),
        frozenset({"tokenCounts.inputTokens", "tokenCounts.outputTokens", "costUSD", "models"}),
    ),
    fields=MappingProxyType(
        {
            "time": ("date", "week", "month", "lastActivity", "startTime"),
            "model": ("modelName", "model", "modelsUsed", "models"),
            "fresh_input_tokens": ("inputTokens", "tokenCounts.inputTokens"),
            "cached_tokens": ("cacheReadTokens", "tokenCounts.cacheReadInputTokens"),
            "cache_write_tokens": ("cacheCreationTokens", "tokenCounts.cacheCreationInputTokens"),
            "output_tokens": ("outputTokens", "tokenCounts.outputTokens"),
            "total_tokens": ("totalTokens",),
            "session": ("sessionId",),
            "cost_usd": ("cost", "totalCost", "costUSD"),
        }
    ),
    are_sums=True,
)
