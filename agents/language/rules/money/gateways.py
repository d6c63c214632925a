"""Requests that a gateway answered from its own cache: "which requests were cached by the proxy?"."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading

GATEWAY = "gateway"
"""The topic of rows that a gateway's own cache answered."""

GATEWAYS = frozenset(
    (
        *("proxy", "gateway", "proxies", "gateways", "middleware", "litellm", "portkey", "helicone", "cloudflare"),
        *("passerelle", "pasarela", "mandataire"),
    )
)
CACHING = frozenset(("cache", "cached", "caching", "caches", "gecacht", "gecachte", "gecachten", "zwischengespeichert"))


def read_gateway_cache(found: Findings) -> Reading | None:
    is_cache = bool(CACHING & found.words) or bool({"cached_tokens", "cache_share"}.intersection(found.measures))
    if not (GATEWAYS & found.words and is_cache) or found.scan.has("what_if", "why", "compare"):
        return None
    return Reading(kind=QuestionKind.REPEATS, topic=GATEWAY)
