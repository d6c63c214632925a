"""Words of use, and requests that used the cache: "how many calls used caching?"."""

from agents.language.scan import Scan

USES = frozenset(
    (
        *(
            "use",
            "uses",
            "used",
            "using",
            "nutzen",
            "nutzt",
            "benutzen",
            "verwenden",
            "verwendet",
            "genutzt",
            "benutzt",
        ),
        *("utilise", "utilisons", "utilisez", "utilisent", "utilise", "usa", "usamos", "usan", "utilizamos", "utiliza"),
    )
)
"""Words of "which model do we use the most?"."""

CACHE_USES = frozenset(
    (
        *("hit", "had", "with", "benefited", "profited", "nutzten", "verwendeten", "benutzten", "haben", "mit"),
        *("utilise", "utilisaient", "ont", "avec", "usaron", "utilizaron", "usaban", "con"),
    )
)
"""Words of "how many requests used the cache?" beside USES."""

NOT_SO = frozenset(
    (
        *("not", "no", "t", "without", "could", "should", "would", "might", "can", "never", "nicht", "ohne", "kein"),
        *("keinen", "konnten", "sollten", "pas", "sans", "pourraient", "sin", "podrian"),
    )
)
"""Words of requests that did not read the cache, or that only could."""


def uses_cache(scan: Scan) -> bool:
    """Whether requests are asked for that read cached tokens: "how many calls used the cache?"; not that could."""
    words = {token.text for token in scan.tokens}
    is_asked = scan.has("how_many") and scan.has("caching") and not scan.has("what_if", "share")
    return is_asked and words.isdisjoint(NOT_SO) and not words.isdisjoint(CACHE_USES | USES)
