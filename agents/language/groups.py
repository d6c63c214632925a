"""Dimensions of a question: those to group by, those that only say what a name is, and those that are counted."""

from collections.abc import Mapping
from types import MappingProxyType

from agents.language.lexicon import Span
from agents.language.scan import Scan
from agents.language.vocabulary import NameSpan

COPULAS = frozenset(("is", "are", "was", "were", "ist", "sind", "war", "waren", "est", "sont", "es", "son"))
WHICH = frozenset(("which", "what", "welche", "welches", "quel", "quels", "que", "cuales", "many", "each"))
MODELS_OF = frozenset(("of", "from", "by", "de", "d", "von", "der"))
MAX_BEFORE = 3
"""Tokens between "which" and a name: "which of the Claude models"."""
QUOTES = frozenset('"“”„«»')
OWNERS = ("team", "customer", "user", "api_key")


COUNTS: Mapping[str, str] = MappingProxyType(
    {
        "user": "users",
        "model": "models",
        "feature": "features",
        "team": "teams",
        "customer": "customers",
        "api_key": "api_keys",
        "provider": "providers",
        "session": "sessions",
        "day": "active_days",
    }
)
"""The measure that counts the values of a dimension."""


COUNTED_DIMENSIONS: Mapping[str, str] = MappingProxyType({measure: name for name, measure in COUNTS.items()})


def list_groups(scan: Scan) -> tuple[str, ...]:
    """Return the dimensions to group by: those that do not merely say what a name is, or count its values."""
    found = [
        (span.start, span.concept.name)
        for span in scan.iter_spans("dimensions")
        if span.concept.name in scan.vocabulary.dimensions
        and not is_apposition(scan, span)
        and not is_counted(scan, span)
    ]
    found += [
        (span.start, "week" if span.concept.name == "over_time" else span.concept.name)
        for span in scan.iter_spans("grains")
        if not is_counted(scan, span)
    ]
    if not found and scan.has("when") and scan.has("most", "least"):
        return ("day",)
    if any(name in OWNERS and name != "user" for _, name in found) or _is_who_named(scan):
        asked = {span.start for span in scan.iter_spans("operators", "asks_who")}
        found = [each for each in found if each[0] not in asked]  # "who are my top customers?" is not about users
    names = list(dict.fromkeys(name for _, name in sorted(found)))
    grains = scan.list_names("grains")
    if len(grains) > 1 and "over_time" in grains and "week" not in grains:
        names.remove("week")  # "develop month by month"
    return tuple(names[:3])


def _is_who_named(scan: Scan) -> bool:
    """Whether "who" asks for what is named after it: "who is the cheapest vendor?"."""
    who = next(scan.iter_spans("operators", "asks_who"), None)
    if who is None or not _is_copula(scan, who.end):
        return False
    ranks = [span for span in scan.iter_spans("operators") if span.concept.name in ("most", "least", "top")]
    first = next((span for span in scan.iter_spans("dimensions") if span.start > who.start), None)
    return first is not None and any(who.end < rank.start < first.start for rank in ranks)


def _is_copula(scan: Scan, place: int) -> bool:
    return place < len(scan.tokens) and scan.tokens[place].text in COPULAS


def _are_models_of(scan: Scan, span: Span) -> bool:
    """Whether models are only those of a name: "OpenAI models", "les modèles d'OpenAI"; "which OpenAI models" asks."""
    is_grouped = any(each.end == span.start for each in scan.iter_spans("operators", "per"))
    if is_grouped or scan.has("most", "least", "top", "list", "rank", "exist") or not span.start:
        return False
    for name in scan.names:
        is_maker = all(each.dimension in ("model", "provider") for each in name.names)
        is_of = any(scan.tokens[at].text in MODELS_OF for at in range(span.end, name.start))
        is_linked = span.end < name.start and is_of and scan.are_small(span.end, name.start)
        first = min(span.start, name.start)
        is_asked = first > 0 and scan.tokens[first - 1].text in WHICH
        if is_maker and (name.end == span.start or is_linked) and not is_asked:
            return True
    return False


def _asks_which(scan: Scan, name: NameSpan) -> bool:
    """Whether one of several names is asked for: "which Claude model costs most?"."""
    before = {token.text for token in scan.tokens[max(name.start - MAX_BEFORE, 0) : name.start]}
    return len(name.names) > 1 and scan.has("most", "least", "top", "rank") and not WHICH.isdisjoint(before)


def is_apposition(scan: Scan, span: Span) -> bool:
    """Whether a dimension only says what a name beside it is, or is negated: "the Growth team", "without a team"."""
    dimension = span.concept.name
    beside = any(
        name.end == span.start or name.start - is_quoted(scan, name) == span.end
        for name in scan.names
        if any(each.dimension == dimension for each in name.names) and not _asks_which(scan, name)
    )
    beside = beside or (dimension == "model" and _are_models_of(scan, span))
    unknown = any(each.start == span.end and each.dimension == dimension for each in scan.unknown_names)
    return beside or unknown or is_nobody(scan, span) or is_excepted_mark(scan, span)


def is_quoted(scan: Scan, name: NameSpan) -> bool:
    """Whether a quotation mark stands before a name."""
    return name.start > 0 and scan.tokens[name.start - 1].text in QUOTES


def is_excepted_mark(scan: Scan, span: Span) -> bool:
    """Whether requests with a mark of the file are left out: "without the cancelled ones"."""
    return span.concept.name in scan.vocabulary.marks and any(
        each.end <= span.start and scan.are_small(each.end, span.start)
        for each in scan.iter_spans("operators", "except")
    )


def is_nobody(scan: Scan, span: Span) -> bool:
    """Whether requests without a value of the dimension are meant: "no team", "without an owner"."""
    is_apposed = any(name.start == span.end and name.names[0].dimension == span.concept.name for name in scan.names)
    if is_apposed or (span.end < len(scan.tokens) and scan.tokens[span.end].text in QUOTES):
        return False  # "without team Research"
    return span.concept.name in (*OWNERS, "feature", "environment") and any(
        0 <= span.start - each.end < 3 and scan.are_small(each.end, span.start)
        for each in scan.iter_spans("operators")
        if each.concept.name in ("nobody", "except")
    )


def is_counted(scan: Scan, span: Span) -> bool:
    """Whether the number of values is asked for: "how many different users"."""
    return span.concept.name in COUNTS and any(
        0 <= span.start - each.end < 2 for each in scan.iter_spans("operators", "how_many")
    )
