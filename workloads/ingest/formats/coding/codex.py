"""Codex's own session files (~/.codex/sessions): events with the last call's tokens and a running total.

https://github.com/openai/codex (codex-rs/protocol, TokenCountEvent); the model stands in the line that opens a turn,
and an event that repeats the running total, or has none yet, is no request."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import CachedTokens, Format

CODEX = Format(
    name="codex",
    title=text("Codex session"),
    signature=frozenset(
        {
            "payload.type",
            "payload.info.last_token_usage.input_tokens",
            "payload.info.last_token_usage.output_tokens",
            "payload.info.total_token_usage.total_tokens",
        }
    ),
    fields=MappingProxyType(
        {
            "time": ("timestamp",),
            "kind": ("payload.type",),
            "model": ("payload.model",),
            "input_tokens": ("payload.info.last_token_usage.input_tokens",),
            "cached_tokens": ("payload.info.last_token_usage.cached_input_tokens",),
            "output_tokens": ("payload.info.last_token_usage.output_tokens",),
            "reasoning_tokens": ("payload.info.last_token_usage.reasoning_output_tokens",),
            "total_tokens": ("payload.info.last_token_usage.total_tokens",),
            "running_total": ("payload.info.total_token_usage.total_tokens",),
            "feature": ("payload.cwd",),
        }
    ),
    cached_tokens=CachedTokens.USUALLY_INCLUDED,
    no_request_when="kind = 'token_count' AND input_tokens_n IS NULL AND output_tokens_n IS NULL",
    carried_fields=frozenset({"model", "feature"}),
)
