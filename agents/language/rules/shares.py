"""Shares: of named groups, of one measure in another, and of the requests that meet a condition."""

from agents.language.findings import Findings, is_share
from agents.language.groups import is_nobody
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.scan import Scan
from agents.language.scope import get_scope, is_negated, list_having
from agents.language.vocabulary import NameSpan
from core.i18n.text import text
from workloads.query.dimensions import NOT_STREAMED, STREAMED, SUCCEEDED
from workloads.query.measures import MEASURES
from workloads.query.query import Query

PAIR = 2
BEING = frozenset(("is", "was", "are", "were", "falls", "fell", "ist", "war", "fallt", "est", "sont", "es", "son"))
MAX_TO_WHOLE = 2
"""Tokens from "share" to what it is of: "of the errors"."""


def read_share(found: Findings) -> Reading | None:
    """What share of spend is gpt-4o? All models with their shares; the answer shows the ones that were named."""
    scan = found.scan
    if not scan.has("share", "ratio") or any(is_share(name) for name in found.measures):
        return None
    rate = _find_rate(found)
    if rate is not None and not list_having(found):
        scope = get_scope(found)
        query = Query(measures=rate, by=found.groups, where=scope.where, period=scope.period)
        return Reading(kind=QuestionKind.MEASURE, query=query)
    return None if found.groups else _read_share_of_whole(found)


def refuse_shares(scan: Scan, reading: Reading) -> Reading:
    """Say so where shares are asked for of what does not add up: "p95 latency by feature as a share"."""
    measures = reading.query.measures
    is_number = scan.ranked_share is not None or any(each.is_percent for each in scan.numbers)
    is_asked = reading.kind is QuestionKind.MEASURE and reading.query.shares and scan.has("share") and not is_number
    if not is_asked or any(MEASURES[name].is_sum or is_share(name) for name in measures):
        return reading
    title = str(MEASURES[measures[0]].title)
    message = text(
        "{measure} has no shares: it doesn't add up to a whole. Spend, requests and tokens do.", measure=title
    )
    group = reading.query.by[0].replace("_", " ")
    choices = (f"Spend by {group} as a share", f"Requests by {group} as a share")
    return Reading(kind=QuestionKind.CLARIFY, topic="shares", message=message, choices=choices)


def _read_share_of_whole(found: Findings) -> Reading | None:
    scan = found.scan
    whole = _find_whole(found)
    if whole is not None:
        return _read_part_of_name(found, whole)
    if "failed_spend" in found.measures or len(found.measures) > 1:
        return _read_ratio(found)
    dimension, focus = _find_focus(found)
    measures = tuple(name for name in found.measures or ("spend",) if MEASURES[name].is_sum)
    periods = [each for each in scan.times if each.filter is None]
    is_change = len(periods) > 1 or (bool(periods) and scan.has("rise", "fall", "grow", "change", "compare", "than"))
    if measures and scan.times and not is_change and (not dimension or _is_time_of_name(scan)):
        return _read_share_of_time(found, measures)
    if not dimension or not measures:
        return None
    scope = get_scope(found, names=[name for name in scan.names if name.names[0].dimension != dimension])
    where = tuple(each for each in scope.where if each.field != dimension)
    query = Query(measures=measures, by=(dimension,), where=where, period=scope.period, shares=True)
    return Reading(kind=QuestionKind.MEASURE, query=query, focus=focus)


def _read_share_of_time(found: Findings, measures: tuple[str, ...]) -> Reading:
    """What share of the spend is on weekends? Of October's, if that is named, else of all."""
    times = found.scan.times
    whole = get_scope(found, times=[each for each in times if each.filter is None] if len(times) > 1 else ())
    part = get_scope(found)
    parts = tuple(
        Part(label="", query=Query(measures=measures[:1], where=scope.where, period=scope.period))
        for scope in (part, whole)
    )
    return Reading(kind=QuestionKind.COMPARE, parts=parts, is_ratio=True)


def _is_time_of_name(scan: Scan) -> bool:
    """Whether a time is a part of a name: "what share of Ops spend is at night?"; not "the share of Ops in May"."""
    end = next((span.end for span in scan.iter_spans("operators", "share")), None)
    if end is None or len(scan.names) != 1:
        return False
    name, time = scan.names[0], scan.times[0]
    if not 0 < name.start - end <= MAX_TO_WHOLE:
        return False
    return any(token.text in BEING for token in scan.tokens[name.end : time.first])


def _find_rate(found: Findings) -> tuple[str, ...] | None:
    """Return the rate that "what share of requests failed" and "what percentage of input was cached" ask for."""
    measures = set(found.measures)
    if measures == {"failures"} and _names_part_of_failures(found):
        return None
    if measures and measures <= {"failures", "requests"} and "failures" in measures:
        return ("error_rate", "failures", "requests")
    is_cached = measures == {"cached_tokens"} and not (found.groups or found.scan.names)
    return ("cache_share",) if is_cached or measures == {"cached_tokens", "input_tokens"} else None


def _names_part_of_failures(found: Findings) -> bool:
    """Whether failures are the whole: "what share of errors comes from doc-search?"."""
    scan = found.scan
    ends = [span.end for span in scan.iter_spans("operators", "share")]
    starts = [span.start for span in scan.iter_spans("measures", "failures")]
    return bool(scan.names) and any(0 < start - end <= MAX_TO_WHOLE for end in ends for start in starts)


def _find_whole(found: Findings) -> NameSpan | None:
    """Return Platform in "what share of the spend of Platform is night-report": the whole, named before its part."""
    scan = found.scan
    if len({name.names[0].dimension for name in scan.names}) != PAIR or len(scan.names) != PAIR:
        return None
    whole = scan.names[0]
    after = scan.tokens[whole.end].text if whole.end < len(scan.tokens) else ""
    before = [token.text for token in scan.tokens[: whole.start]][-2:]
    is_owner = after == "s" or before[-1:] == ["of"] or (before[:1] == ["of"] and before[-1] == "the")
    return whole if is_owner and not is_negated(scan, whole.start) else None


def _read_part_of_name(found: Findings, whole: NameSpan) -> Reading:
    """Return the requests of both names as a part of those of the first one."""
    measures = tuple(name for name in found.measures if MEASURES[name].is_sum)[:1] or ("spend",)
    part, rest = get_scope(found), get_scope(found, names=(whole,))
    parts = (
        Part(label="", query=Query(measures=measures, where=part.where, period=part.period)),
        Part(label="", query=Query(measures=measures, where=rest.where, period=rest.period)),
    )
    return Reading(kind=QuestionKind.COMPARE, parts=parts, is_ratio=True)


def _find_focus(found: Findings) -> tuple[str, tuple[str | None, ...]]:
    """Return the dimension whose share is asked for, and its values."""
    scan = found.scan
    nobody = [span.concept.name for span in scan.iter_spans("dimensions") if is_nobody(scan, span)]
    if nobody:
        return nobody[0], (None,)
    named = [name for name in scan.names if not is_negated(scan, name.start)]
    if named:
        dimension = named[0].names[0].dimension
        return dimension, tuple(n.value for span in named for n in span.names if n.dimension == dimension)
    if scan.has("streamed") and "streaming" in scan.vocabulary.dimensions:
        return "streaming", (STREAMED,)
    if scan.has("unstreamed") and "streaming" in scan.vocabulary.dimensions:
        return "streaming", (NOT_STREAMED,)
    if scan.has("succeeded") and "status" in scan.vocabulary.dimensions:
        return "status", (SUCCEEDED,)
    return "", ()


def _read_ratio(found: Findings) -> Reading | None:
    """What fraction of our tokens are output tokens? The part first, then the whole."""
    whole: str | None = next((name for name in ("spend", "tokens", "requests") if name in found.measures), None)
    if found.scan.has("ratio") and whole is None and len(found.measures) == PAIR:
        whole = found.measures[1]
    part: str | None = next((name for name in found.measures if name != whole), None)
    if part == "failed_spend":
        whole = "spend"
    if {"output_tokens", "reasoning_tokens"} <= set(found.measures):
        part, whole = "reasoning_tokens", "output_tokens"  # reasoning is a part of the output
    if part is None or whole is None or MEASURES[part].unit != MEASURES[whole].unit:
        return None
    scope = get_scope(found)
    query = Query(measures=(part, whole), where=scope.where, period=scope.period)
    return Reading(kind=QuestionKind.MEASURE, query=query, is_ratio=True)


def read_part_of_requests(found: Findings) -> Reading | None:
    """What share of requests takes longer than 10 seconds? The requests that do, and all of them."""
    scan = found.scan
    fields = {each.measure for each in found.thresholds if each.is_row}
    if scan.ranked_share is not None and scan.ranked_share.field:
        fields.add(scan.ranked_share.field)
    if not fields or not scan.has("share") or found.groups:
        return None
    measures = tuple(name for name in found.measures if MEASURES[name].is_sum)[:1] or ("requests",)
    scope = get_scope(found)
    others = tuple(each for each in scope.where if each.field not in fields)
    parts = (
        Part(label="", query=Query(measures=measures, where=scope.where, period=scope.period)),
        Part(label="", query=Query(measures=measures, where=others, period=scope.period)),
    )
    return Reading(kind=QuestionKind.COMPARE, parts=parts, is_ratio=True)
