"""Lists of single requests: the most expensive, the slowest, the latest; and when something was first used."""

from agents.language.findings import Findings, is_sum_of_first
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.figures import asks_whether
from agents.language.scope import get_scope
from core.i18n.text import text
from workloads.query.dimensions import FAILED, get_dimension
from workloads.query.query import Filter, Query

BEGINNINGS = frozenset({"start", "started", "begin", "began", "launch", "launched", "appear", "introduced"})
"""Words of "when did night-report start?", which asks for its first request."""

DEFAULT_LIMIT = 10
SINGLE = frozenset(
    (
        *("request", "call", "prompt", "query", "message", "completion", "generation"),
        *("anfrage", "nachricht", "requete", "appel", "solicitud", "peticion", "llamada", "mensaje"),
    )
)
MAX_SUMMED = 200
"""Single requests that a list can have."""

COSTS = frozenset(
    ("cost", "costs", "costing", "spend", "kosten", "kostete", "kosteten", "coutent", "coute", "cuestan", "costaron")
)
LATENCY_RANKS = frozenset({"slowest", "fastest", "langsamsten", "langsamste", "latency", "lentes", "lentas"})


def read_requests(found: Findings) -> Reading | None:
    """List single requests: "the 10 most expensive requests"."""
    scan = found.scan
    listed = {"requests", "failures", "input_tokens", "input_per_request"}.intersection(found.measures)
    ranks = ("list", "most", "least", "top", "latest", "earliest")
    is_of_one = _asks_whose(found)
    if (found.groups and not is_of_one) or not listed or scan.has("how_many", "when") or not scan.has(*ranks):
        return None
    limit = found.find_limit()
    if scan.has("share") and not (limit and scan.has("most", "least", "top")):
        return None
    if scan.statistic_limits and asks_whether(scan):
        return None  # "is the dearest request more than ten times the mean?"
    scope = get_scope(found)
    is_failed = "failures" in found.measures or scan.has("failed")
    where = (*scope.where, Filter(field="status", values=(FAILED,))) if is_failed else scope.where
    is_single = is_of_one or (scan.has("most", "least", "latest", "earliest") and bool(SINGLE & found.words))
    query = Query(where=where, period=scope.period, limit=limit or (1 if is_single else DEFAULT_LIMIT))
    is_sum = limit is not None and limit > 1 and _asks_sum(found)
    if is_sum and limit is not None and limit > MAX_SUMMED:
        return _refuse_sum(limit)
    return Reading(
        kind=QuestionKind.REQUESTS,
        query=query,
        order_by="latency_ms" if any(each.field == "latency_ms" for each in where) else _find_order(found),
        descending=not scan.has("least", "earliest"),
        singular=is_single,
        together=is_sum,
    )


def _asks_sum(found: Findings) -> bool:
    """Whether "what do the ten dearest requests cost?" asks for all of them together."""
    scan = found.scan
    is_cost = not COSTS.isdisjoint(found.words) or scan.has("how_much")
    return is_sum_of_first(scan) or is_cost or scan.has("together", "total", "share")


def _refuse_sum(limit: int) -> Reading:
    message = text("I can add up at most {most} single requests, not {n}.", most=MAX_SUMMED, n=limit)
    choices = (
        f"What do the {MAX_SUMMED} most expensive requests cost together?",
        "What do the dearest 10% of requests cost?",
    )
    return Reading(kind=QuestionKind.CLARIFY, topic="sum", message=message, choices=choices)


def _asks_whose(found: Findings) -> bool:
    """Whether "which user sent the most expensive request?" asks for one request, which names its user."""
    scan = found.scan
    if len(found.groups) != 1 or get_dimension(found.groups[0]).is_time:
        return False
    ends = {span.end for span in scan.iter_spans("operators") if span.concept.name in ("most", "least")}
    return any(
        span.start in ends and scan.tokens[span.start].text in SINGLE and span.end - span.start == 1
        for span in scan.iter_spans("measures")
    )


def _find_order(found: Findings) -> str:
    if found.scan.has("latest", "earliest"):
        return "time"
    if found.words & LATENCY_RANKS:
        return "latency_ms"
    if _asks_whose(found) and not found.words & {"longest", "largest", "biggest"}:
        return "spend"
    return next((name for name in ("input_tokens", "output_tokens", "tokens") if name in found.measures), "spend")


def read_moment(found: Findings) -> Reading | None:
    """When was the last request? The request itself, which states its time."""
    scan = found.scan
    is_begin = bool(BEGINNINGS & found.words) and bool(scan.names)
    if not scan.has("when") or not (is_begin or scan.has("latest", "earliest") or found.words & {"last", "first"}):
        return None
    scope = get_scope(found, times=())
    is_last = scan.has("latest") or "last" in found.words
    failed = (Filter(field="status", values=(FAILED,)),) if scan.has("failed") else ()
    where = tuple(each for each in scope.where if not failed or each.field != "status")
    query = Query(where=(*where, *failed), period=scope.period, limit=1)
    return Reading(kind=QuestionKind.REQUESTS, query=query, order_by="time", descending=is_last, singular=True)


def read_repeats(found: Findings) -> Reading | None:
    """How many duplicates are there? Rows of the file that repeat a request."""
    is_asked = found.scan.list_names("cannot")[:1] == ["duplicates"]
    return Reading(kind=QuestionKind.REPEATS, topic="duplicates") if is_asked else None
