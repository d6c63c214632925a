"""Whether the providers' cache answered anything: "was anything served from the cache?"."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.figures import asks_whether
from agents.language.scan import Scan
from agents.language.scope import get_scope
from workloads.query.query import Query

ANY = frozenset(
    (
        *("any", "anything", "something", "ever", "etwas", "irgendetwas", "irgendwas", "jemals"),
        *("quelque", "quelques", "algo", "alguna", "algun", "algunas", "algunos"),
    )
)
CACHES = frozenset(("cache", "cached", "caching", "caches", "gecacht", "cacheado", "cacheada", "cacheadas"))
SERVED = frozenset(
    ("served", "bedient", "geliefert", "ausgeliefert", "beantwortet", "chose", "servi", "servie", "sirvio", "leyo")
)
CACHED_WORDS = ANY | SERVED
CACHE_MEASURES = ("cached_tokens", "cache_share")
OTHERS = ("why", "compare", "than", "how_many", "how_much", "share", "most", "least", "goal")


def read_any_cached(found: Findings) -> Reading | None:
    """Return how much of the input came from the cache, and whether any did."""
    scan, words = found.scan, found.words
    is_asked = asks_whether(scan) and bool(ANY & words and CACHES & words)
    measures = set(found.measures) - {"requests", "input_tokens", "tokens", *CACHE_MEASURES}
    if not is_asked or measures or found.groups or found.thresholds or scan.has(*OTHERS) or _is_supposed(scan):
        return None
    scope = get_scope(found)
    query = Query(measures=CACHE_MEASURES, where=scope.where, period=scope.period)
    return Reading(kind=QuestionKind.MEASURE, query=query, exists=True)


def _is_supposed(scan: Scan) -> bool:
    """Whether it is "würde", not "wurde", which are alike without accents."""
    spans = scan.iter_spans("operators", "what_if")
    return any(scan.tokens[span.start].raw.lower() not in ("wurde", "wurden") for span in spans)
