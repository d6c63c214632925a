"""The measures that a question names, the most specific ones."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType

from agents.language.lexicon import Span
from agents.language.numbers import Threshold
from agents.language.phrases.bulk_prices import iter_bulk_prices
from agents.language.phrases.cache_uses import USES, uses_cache
from agents.language.scan import Scan
from workloads.query.measures import MEASURES

KIND_SPEND: Mapping[str, str] = MappingProxyType(
    {
        "input_tokens": "input_spend",
        "cached_tokens": "cached_spend",
        "output_tokens": "output_spend",
        "reasoning_tokens": "reasoning_spend",
    }
)

TOKEN_KINDS = frozenset({"input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens"})
KINDS_OF_TOKENS = ("fresh_tokens", "cached_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")
"""In the order in which they are shown for "tokens by kind"."""

SPENT_ON_KINDS = ("input_spend", "cached_spend", "cache_write_spend", "output_spend")
"""What the kinds of tokens cost."""

TOKEN_MEASURES = frozenset(("tokens", "input_tokens", "cached_tokens"))
ONE_REQUEST = frozenset(
    (
        *("request", "call", "query", "message", "anfrage", "aufruf", "nachricht", "requete", "appel"),
        *("peticion", "solicitud", "llamada", "mensaje"),
    )
)
"""In the singular: "by requests" ranks by their number."""

PER = frozenset(("per", "pro", "je", "par", "por"))
ONE = frozenset(
    ("one", "a", "an", "single", "each", "ein", "eine", "einer", "jede", "une", "un", "una", "cada", "chaque")
)
"""Words before "request" that ask for one: "what did one support-chat request cost?"."""

MORE = frozenset({"mas"})
"""The Spanish word for "more" and "most"."""

TOKEN_PRICES = frozenset({"cost_per_million_tokens", "cost_per_million_input", "cost_per_million_output"})
OVERVIEW = ("spend", "requests", "tokens")


def list_measures(scan: Scan, thresholds: Sequence[Threshold] = ()) -> tuple[str, ...]:
    """Return the measures that are named, the most specific ones; not those that only say what is compared."""
    asked = [
        span
        for span in scan.iter_spans("measures")
        if not any(each.start <= span.start < each.end for each in thresholds)
    ]
    named = [name for span in asked for name in _expand_measure(scan, span)]
    bulk = {each.end: each.measure for each in iter_bulk_prices(scan)}
    if bulk and set(named) <= {*OVERVIEW, *TOKEN_KINDS, *TOKEN_PRICES, "cost_per_request"}:
        priced = [bulk.get(span.end, span.concept.name) for span in asked]
        return tuple(dict.fromkeys(name for name in priced if name != "spend"))
    names = list(dict.fromkeys(_rate_by_request(scan, asked, named)))
    names = _count_cached(scan, _count_failures(scan, _spell_out(names)))
    if {"spend", "cached_tokens", "input_tokens"} <= set(names) and not _are_listed(scan, asked):
        names.remove("input_tokens")  # "spend on cached prompts"
    kinds = [name for name in names if name in KIND_SPEND]
    if "spend" in names and len(kinds) > 1:
        names = ["spend", *(KIND_SPEND[name] for name in kinds)]
    elif "spend" in names and kinds and scan.has("share") and not _are_listed(scan, asked):
        names = [KIND_SPEND[kinds[0]], *(name for name in names if name not in kinds)]  # "what % of spend is cached?"
    elif "spend" in names and kinds and not _are_listed(scan, asked):
        names = [KIND_SPEND[kinds[0]] if name == "spend" else name for name in names]  # "what do cached tokens cost?"
    dropped: set[str] = set()
    if TOKEN_KINDS.intersection(names) and ":" not in scan.question and not scan.has("share"):
        dropped.add("tokens")
    if "cache_share" in names:
        dropped.update(("tokens", "input_tokens", "cached_tokens"))
    if "tokens" in names and any(KIND_SPEND[kind] in names for kind in KIND_SPEND):
        dropped.add("tokens")  # "spend on input tokens"
    if TOKEN_PRICES.intersection(names):
        dropped.update(("spend", "tokens"))
    dropped -= set(_list_ranked_by(scan))
    if "spend" in names and len(names) > 1 and scan.has("most", "least") and ":" not in scan.question:
        names = [*(name for name in names if name != "spend"), "spend"]  # "expensive" only ranks
    return tuple(name for name in names if name not in dropped)


def _spell_out(names: list[str]) -> list[str]:
    """Return the measures that "usage" and "tokens by kind" stand for."""
    if "overview" in names and len(names) > 1:
        names = [name for name in names if name != "overview"]  # "token usage"
    elif "overview" in names:
        names = [*OVERVIEW, *(name for name in names if name not in (*OVERVIEW, "overview"))]
    if {"token_kinds", "spend"} <= set(names):
        return [*SPENT_ON_KINDS, *(name for name in names if name not in ("token_kinds", "tokens", "spend"))]
    if "token_kinds" in names:
        names = [*KINDS_OF_TOKENS, *(name for name in names if name not in (*KINDS_OF_TOKENS, "token_kinds", "tokens"))]
    return names


def _list_ranked_by(scan: Scan) -> Iterator[str]:
    """Yield the tokens of "the top 3 features by tokens"."""
    ends = {span.end for span in scan.iter_spans("operators", "per")}
    if scan.has("top", "most", "least", "rank"):
        yield from (span.concept.name for span in scan.iter_spans("measures") if span.start in ends)


def _rate_by_request(scan: Scan, spans: Sequence[Span], names: Sequence[str]) -> list[str]:
    """Return the cost per request for "how much dearer is A than B per request?", which only names requests, and for
    "and per request?"; not for "by request count", which ranks."""
    ends = {span.end: scan.tokens[span.end - 1].text for span in scan.iter_spans("operators", "per")}
    rated = [span for span in spans if span.start in ends and scan.tokens[span.start].text in ONE_REQUEST]
    is_amount = set(names) == {"requests", "spend"} or (set(names) == {"requests"} and scan.has("how_much"))
    if is_amount and any(_is_one(scan, span) for span in spans):
        return ["cost_per_request"]
    if not rated or not set(names) <= {"requests", "spend"}:
        return list(names)
    if "spend" in names and any(_is_added(scan, span) for span in rated):
        return ["spend", "cost_per_request"]
    is_cost = "spend" in names or scan.has("than", "rise", "fall")
    is_bare = any(span.end - span.start == 1 and ends[span.start] in PER for span in rated)
    return ["cost_per_request"] if is_cost or is_bare else list(names)


def _is_added(scan: Scan, span: Span) -> bool:
    """Whether a rate is asked for beside its sum: "what did each model cost, and per request?"."""
    per = next((each.start for each in scan.iter_spans("operators", "per") if each.end == span.start), 0)
    is_only = sum(1 for each in scan.iter_spans("operators", "per") if scan.tokens[each.start].text in PER) == 1
    is_after = any(each.end < per for each in scan.iter_spans("measures", "spend"))
    return is_only and is_after and per > 0 and scan.is_and(per - 1)


def _is_one(scan: Scan, span: Span) -> bool:
    """Whether one request is asked about, of those with a name: "one support-chat request"."""
    if span.concept.name != "requests" or scan.tokens[span.start].text not in ONE_REQUEST:
        return False
    named = {at for name in scan.names for at in range(name.start, name.end)}
    place = span.start - 1
    while place > 0 and place in named:
        place -= 1
    is_listed = scan.has("most", "least", "latest", "earliest") or any(
        s.start != place for s in scan.iter_spans("operators", "list")
    )
    return place >= 0 and scan.tokens[place].text in ONE and not is_listed


def _are_listed(scan: Scan, spans: Sequence[Span]) -> bool:
    """Whether measures stand side by side: "spend and output tokens", which asks for both."""
    return any(
        all(scan.is_and(place) or scan.are_small(place, place + 1) for place in range(one.end, two.start))
        and (
            scan.is_and(two.start - 1)
            or "," in scan.question[scan.tokens[one.end - 1].end : scan.tokens[two.start].start]
        )
        for one, two in pairwise(spans)
    )


def _expand_measure(scan: Scan, span: Span) -> list[str]:
    """Return a measure; latency with the percentiles that are named, else the median, or p95 in a ranking."""
    name = span.concept.name
    is_prompt = (
        name == "input_tokens" and scan.tokens[span.start].text.startswith("prompt") and span.end - span.start == 1
    )
    if is_prompt and scan.has("most", "least") and any(True for _ in scan.iter_spans("dimensions")):
        return ["input_per_request"]  # "which feature has the longest prompts"
    if name not in ("latency", "first_token"):
        return [name]
    if (
        name == "latency"
        and scan.has("rise", "fall")
        and scan.tokens[span.start].text in ("fastest", "fast", "slowest")
    ):
        return []  # "grew fastest"
    known = [f"{name}_{each}" for each in scan.list_names("statistics") if f"{name}_{each}" in MEASURES]
    return known or [f"{name}_p95" if scan.has("most", "least") else f"{name}_p50"]


def _count_failures(scan: Scan, names: list[str]) -> list[str]:
    """Return the measures with "failed" as what is counted, and "how many" as a number of requests."""
    if scan.has("failed") and not {"failures", "error_rate", "failed_spend"}.intersection(names):
        others = [name for name in names if name != "requests"]
        names = ["failures", *others] if not others or scan.has("how_many") else others
    if scan.has("how_many") and scan.has("streamed", "unstreamed", "succeeded") and "requests" not in names:
        names = ["requests", *names]
    if "spend" in names and "failures" in names:
        both = ("failures", "failed_spend") if _names_failures_first(scan) else ("failed_spend", "failures")
        names = list(dict.fromkeys((*both, *(name for name in names if name != "spend"))))
    return names


def _names_failures_first(scan: Scan) -> bool:
    """Whether their number is asked for before their cost: not in "what did failed requests cost?"."""
    if scan.has("how_many") or scan.has("most", "least"):
        return True
    failed = [
        span.start for span in (*scan.iter_spans("measures", "failures"), *scan.iter_spans("operators", "failed"))
    ]
    spent = [span.start for span in scan.iter_spans("measures", "spend")]
    return not spent or not failed or (min(failed) < min(spent) and any(scan.is_and(at) for at in range(min(spent))))


def _count_cached(scan: Scan, names: list[str]) -> list[str]:
    """How many tokens came from the cache? Their number, not their share; and how many requests read any."""
    if names == ["requests"] and uses_cache(scan):
        return ["requests", "cached_tokens"]
    if "cache_share" not in names or not scan.has("how_many") or scan.has("share"):
        return names
    if "requests" in names or TOKEN_MEASURES.intersection(names):
        others = (name for name in names if name not in ("cache_share", *TOKEN_MEASURES))
        return list(dict.fromkeys((*others, "cached_tokens")))
    return names


def rank_by_use(scan: Scan) -> tuple[str, ...]:
    """Return the number of requests for "which model do we use the most?", which names no figure."""
    is_ranked = scan.has("most", "least") or not MORE.isdisjoint(token.text for token in scan.tokens)
    return ("requests",) if is_ranked and any(token.text in USES for token in scan.tokens) else ()
