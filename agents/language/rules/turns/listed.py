"""Whose the listed requests are, and what they cost together: "show me the five most expensive requests", "who made
them?"."""

from dataclasses import replace

from agents.language.reading import QuestionKind, Reading
from agents.language.rules.listings import DEFAULT_LIMIT, MAX_SUMMED
from agents.language.scan import Scan
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.query import Query
from workloads.query.requests import ROW_COLUMNS

THEM = frozenset(
    (
        *("them", "those", "these", "they", "sie", "diese", "diesen", "dahinter"),
        *("elles", "ils", "ellas", "ellos", "ella", "ello"),
    )
)
WHO = frozenset(("who", "whose", "wer", "qui", "quien", "quienes"))
THEM_AFTER_WHO = frozenset(("les", "las", "los"))
"""Pronouns that are articles elsewhere: "qui les a faites ?"."""

OWNERS = ("user", "customer", "team")
OTHERS = ("most", "least", "top", "why", "share", "compare", "rise", "fall", "change", "what_if", "except", "only")

OTHERS_OF_SUM = ("per", "how_many", *(each for each in OTHERS if each != "share"))
THAT = frozenset(("that", "das", "cela", "ca", "eso"))


def ask_groups_of_listed(scan: Scan, previous: Reading) -> Reading | None:
    """Return the same requests with how many of them each user made; None for another question."""
    words = {token.text for token in scan.tokens}
    is_of_them = bool(THEM & words) or (bool(WHO & words) and bool(THEM_AFTER_WHO & words))
    limit = previous.query.limit
    if previous.kind is not QuestionKind.REQUESTS or not is_of_them or limit is None or limit == 1 or previous.rank:
        return None
    is_bare = not (scan.names or scan.times or scan.numbers) and not scan.has(*OTHERS)
    dimension = _find_group(scan, words) if is_bare and not _counts_others(scan) else None
    if dimension is None or (limit == DEFAULT_LIMIT and any(each.field == "status" for each in previous.query.where)):
        return None  # "which requests failed?", "who made them?" is of all that failed
    if dimension not in ROW_COLUMNS:
        message = text("The list of requests doesn't show that. Of all requests, I can tell it:")
        choices = (f"Requests by {get_dimension(dimension).name.replace('_', ' ')}",)
        return Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices, is_fragment=True)
    return replace(previous, dimension=dimension, rest=(), whether=False, unread=())


def ask_sum_of_listed(scan: Scan, previous: Reading) -> Reading | None:
    """Return the same requests with what they cost together, "what did they cost?"; all of them if only those that
    failed were asked for."""
    words = {token.text for token in scan.tokens}
    kinds = ("dimensions", "grains", "statistics")
    is_bare = not (scan.names or scan.times or scan.numbers or any(scan.list_names(kind) for kind in kinds))
    is_sum = "spend" in scan.list_names("measures") or scan.has("together", "total")
    query = previous.query
    limit = query.limit or 0
    if previous.kind is not QuestionKind.REQUESTS or previous.rank or not 1 < limit <= MAX_SUMMED:
        return None
    if not (is_bare and is_sum and (THEM | THAT) & words) or _counts_others(scan) or scan.has(*OTHERS_OF_SUM):
        return None
    if limit == DEFAULT_LIMIT and any(each.field == "status" for each in query.where):
        whole = Query(measures=("spend",), where=query.where, period=query.period, zone=query.zone)
        return Reading(kind=QuestionKind.MEASURE, query=whole)
    return replace(previous, together=True, dimension=None, rest=(), whether=False, unread=())


def _counts_others(scan: Scan) -> bool:
    return not {"requests", "spend"}.issuperset(scan.list_names("measures"))


def _find_group(scan: Scan, words: set[str]) -> str | None:
    """Return the only dimension that is named, or the owners that the log has for "who"."""
    known = scan.vocabulary.dimensions
    groups = [name for name in scan.list_names("dimensions") if name in known and not get_dimension(name).is_time]
    if not groups and WHO & words:
        groups = [name for name in OWNERS if name in known][:1]
    return groups[0] if len(groups) == 1 else None
