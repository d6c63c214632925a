"""Logs of Cloudflare's AI Gateway (GET .../ai-gateway/gateways/{id}/logs, JSON): one row a request.

https://developers.cloudflare.com/ai-gateway/observability/logging/; `cached` rows were answered by the gateway."""

from types import MappingProxyType

from core.i18n.text import text
from workloads.ingest.formats.base import NO_CACHED_TOKENS, Format

CLOUDFLARE = Format(
    name="cloudflare",
    title=text("Cloudflare AI Gateway log"),
    signature=frozenset({"created_at", "cached", "tokens_in", "tokens_out", "provider"}),
    fields=MappingProxyType(
        {
            "time": ("created_at",),
            "request_id": ("id",),
            "model": ("model",),
            "provider": ("provider",),
            "input_tokens": ("tokens_in",),
            "output_tokens": ("tokens_out",),
            "latency_ms": ("duration",),
            "status": ("status_code", "success"),
            "gateway_cache_hit": ("cached",),
            "feature": ("metadata.feature",),
            "team": ("metadata.team",),
            "user": ("metadata.user", "metadata.userId", "metadata.user_id"),
            "cost_usd": ("cost",),
        }
    ),
    lacks=MappingProxyType({"cached_tokens": NO_CACHED_TOKENS}),
)
