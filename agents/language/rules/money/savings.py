"""What could be saved, in short: "what are we doing wrong?", "which three features should I look at first to save
money?", "could we use a cheaper model?", and what caching has saved already."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.reports import CHANGING, PAST, SAVED
from agents.language.scope import get_scope
from workloads.query.dimensions import get_dimension
from workloads.query.query import Query

RETRIES, SMALLER_MODELS, PROMPT_CACHE = "retries", "right_size", "prompt_cache"
"""The topics of savings by one lever: its name."""

SMALLER = frozenset(
    (
        *("cheaper", "smaller", "gunstigeres", "billigeres", "kleineres", "moins", "petit", "barato", "pequeno"),
        *("gunstigere", "billigere", "kleinere"),
    )
)
SUPPOSING = frozenset(
    ("would", "could", "can", "should", "will", "wurde", "konnte", "konnten", "pourrait", "podria", "if")
)
POSSIBLE = frozenset(
    (
        *("would", "could", "can", "will", "might", "wurde", "konnte", "konnten", "kann", "konnen"),
        *("pourrait", "pourrions", "peut", "pouvons", "podria", "podriamos", "puede", "podemos"),
    )
)
CACHING = frozenset(("caching", "cache", "prompt-caching", "zwischenspeichern"))
SAVING = frozenset(("save", "saves", "sparen", "einsparen", "economiser", "ahorrar"))
POSSIBLE_WORDS = POSSIBLE | CACHING | SAVING | {"il", "elle", "encore", "noch", "aun", "todavia"}
"""Words of "combien le cache pourrait-il encore économiser ?"."""

WASTE = frozenset(("waste", "wasted", "wasting", "wastes", "verschwenden", "gaspillage", "desperdicio"))
GROUPS = ("feature", "model", "team", "customer", "user", "api_key")


def read_savings(found: Findings) -> Reading | None:
    """Return the levers, one of them, or what each group could save."""
    scan = found.scan
    is_part = bool(scan.names or scan.times or found.thresholds)
    if is_part or scan.has("what_if", "compare", "why", "forecast") or found.percent or found.money:
        return None
    if RETRIES in scan.list_names("cannot") and _asks_for_money(found):
        return Reading(kind=QuestionKind.SAVINGS, topic=RETRIES)
    if scan.has("cheaper_model") and SMALLER & found.words and not scan.listed_models:
        return Reading(kind=QuestionKind.SAVINGS, topic=SMALLER_MODELS)
    if scan.has("faults") or _asks_for_waste(found):
        return Reading(kind=QuestionKind.SAVINGS)
    return _read_groups(found)


def _asks_for_money(found: Findings) -> bool:
    """Whether the cost of something is asked for, not its number."""
    is_count = found.scan.has("how_many") or found.groups
    return not is_count and bool({"spend", "failed_spend"}.intersection(found.measures) or WASTE & found.words)


def _asks_for_waste(found: Findings) -> bool:
    """Whether "do we waste money?" names nothing that is wasted."""
    scan = found.scan
    of_failures = "failures" in found.measures or scan.has("failed", "what_failed")
    return bool(WASTE & found.words) and not of_failures and not found.groups and not scan.unknown_words


def _read_groups(found: Findings) -> Reading | None:
    """Return what each feature could save, for "which features should I look at first to save money?"."""
    scan = found.scan
    groups = tuple(name for name in found.groups if name in GROUPS)
    is_wish = scan.has("goal", "report") and not scan.has("batch", "caching", "keep", "except", "share")
    if not is_wish or len(groups) != 1 or len(found.groups) != 1 or set(found.measures) - {"spend"}:
        return None
    if CHANGING & found.words or PAST & found.words or get_dimension(groups[0]).is_time:
        return None
    start = next((span.start for span in scan.iter_spans("dimensions", groups[0])), 0)
    limit = next((int(each.value) for each in scan.numbers if each.end == start and each.value >= 1), None)
    return Reading(kind=QuestionKind.SAVINGS, dimension=groups[0], query=Query(limit=limit))


def read_caching_possible(found: Findings) -> Reading | None:
    """How much more could caching save? What the lever finds, not what caching saved already."""
    scan, words = found.scan, found.words
    is_asked = bool(POSSIBLE & words and CACHING & words and SAVING & words) and scan.has("how_much", "what_if")
    is_part = bool(scan.names or scan.times or found.groups or found.thresholds or found.percent or found.money)
    if not is_asked or is_part or "if" in words or scan.has("why", "compare", "forecast"):
        return None
    return Reading(kind=QuestionKind.SAVINGS, topic=PROMPT_CACHE)


def read_caching_saved(found: Findings) -> Reading | None:
    """How much did we save by prompt caching? What it saved already, not what it could."""
    scan, words = found.scan, found.words
    is_saved = bool(SAVED & words) or scan.has("goal") or "cache_saving" in found.measures
    is_past = bool(PAST & words or {"does", "saved", "is"} & words) and not SUPPOSING & words
    is_caching = scan.has("caching", "report") and bool({"caching", "cache", "cached"} & words)
    if not (is_saved and is_past and is_caching) or scan.has("what_if", "compare", "why") or found.thresholds:
        return None
    scope = get_scope(found)
    query = Query(
        measures=("cache_saving", "cached_tokens"), by=found.groups[:2], where=scope.where, period=scope.period
    )
    return Reading(kind=QuestionKind.MEASURE, query=query)
