"""Claude Code: its session files, Anthropic's report of its use, and the reports of ccusage."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import Format

CLAUDE_CODE = Format(
    name="claude_code",
    title=text("Claude Code session"),
    signature=frozenset({"sessionId", "uuid", "message.usage.input_tokens", "message.usage.output_tokens"}),
    fields=MappingProxyType(
        {
            "time": ("timestamp",),
            "request_id": (
                "message.id",
                "requestId",
            ),
            "kind": ("type",),
            "model": ("message.model",),
            "fresh_input_tokens": ("message.usage.input_tokens",),
            "cached_tokens": ("message.usage.cache_read_input_tokens",),
            "cache_write_tokens": ("message.usage.cache_creation_input_tokens",),
            "cache_write_5m_tokens": ("message.usage.cache_creation.ephemeral_5m_input_tokens",),
            "cache_write_1h_tokens": ("message.usage.cache_creation.ephemeral_1h_input_tokens",),
            "output_tokens": ("message.usage.output_tokens",),
            "searches": ("message.usage.server_tool_use.web_search_requests",),
            "service_tier": (
                "message.usage.speed",
                "message.usage.service_tier",
            ),
            "geography": ("message.usage.inference_geo",),
            "feature": ("cwd",),
            "session": ("sessionId",),
            "cost_usd": ("costUSD",),
        }
    ),
    no_request_when="model = '<synthetic>'",
)
"""Session files (~/.claude/projects, JSON lines). The last of a request's lines is whole.

https://code.claude.com/docs/en/data-usage names the folder; the usage object is that of
https://docs.anthropic.com/en/api/messages. Lines of the model <synthetic> are messages of the program itself."""

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
"""The admin API's report (GET /v1/organizations/usage_report/claude_code, JSON): sums by day, user and model.

https://platform.claude.com/docs/en/api/admin/usage_report; costs are in cents, and the number of requests is not
said. How long cache writes last isn't either: they are priced as those of five minutes."""

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
"""ccusage's reports (JSON), of Claude Code and other agents: sums by day, week, month, session or block.

https://ccusage.com/guide/json-output; a day's sums by model (`modelBreakdowns`) are read where it has them."""
