"""Claude Code's own session files (~/.claude/projects): the last of a request's lines is whole.

https://code.claude.com/docs/en/data-usage names the folder; the usage object is that of
https://docs.anthropic.com/en/api/messages. Lines of the model <synthetic> are messages of the program itself."""

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
