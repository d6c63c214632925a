"""Questions that take two steps: "hourly spend on the most expensive day", "requests of the top user per day"."""

from agents.language.findings import Findings
from agents.language.lexicon import Span
from agents.language.reading import QuestionKind, Reading
from core.i18n.text import text
from workloads.query.measures import MEASURES

MAX_TOKENS = 4
RANKED = ("most", "least", "top")
OWNING = frozenset(("of", "in", "from", "by", "for", "von", "der", "des", "de", "du", "del"))
PLACES = frozenset(("on", "in", "during", "of", "for"))


def read_ranked_period(found: Findings) -> Reading | None:
    """Hourly spend on the most expensive day? Two steps: first which day it was."""
    scan = found.scan
    for grain in scan.iter_spans("grains"):
        rank = next((span for span in scan.iter_spans("operators") if _is_rank_before(span, grain)), None)
        before = {token.text for token in scan.tokens[max(grain.start - MAX_TOKENS, 0) : grain.start]}
        if rank is not None and len(found.groups) > 1 and PLACES & before:
            name, order = grain.concept.name, "lowest" if rank.concept.name == "least" else "highest"
            message = text("That takes two questions: first which {period} it was, then about that one.", period=name)
            choices = (f"Which {name} had the {order} spend?",)
            return Reading(kind=QuestionKind.CLARIFY, topic="two_steps", message=message, choices=choices)
    return None


def read_ranked_group(found: Findings) -> Reading | None:
    """How many requests does the top user make per day? Two steps: first who it is. "The top user per day" is one."""
    scan = found.scan
    grains = list(scan.iter_spans("grains"))
    for group in scan.iter_spans("dimensions"):
        spans = (span for span in scan.iter_spans("operators") if span.concept.name in RANKED)
        rank = next((span for span in spans if span.end == group.start), None)
        per = next((span for span in scan.iter_spans("operators", "per") if span.start > group.end), None)
        is_over_time = per is not None and any(grain.start == per.end for grain in grains)
        is_over_time = is_over_time or (rank is not None and _is_ranked_before(found, rank))
        if rank is None or not is_over_time or group.concept.name not in found.groups or found.find_limit():
            continue
        name, order = group.concept.name.replace("_", " "), "lowest" if rank.concept.name == "least" else "highest"
        measure = _find_ranked_by(found, rank) or (found.measures or ("spend",))[0]
        title = "number of requests" if measure == "requests" else str(MEASURES[measure].title).lower()
        message = text("That takes two questions: first which {period} it was, then about that one.", period=name)
        choices = (f"Which {name} has the {order} {title}?",)
        return Reading(kind=QuestionKind.CLARIFY, topic="two_steps", message=message, choices=choices)
    return None


def _is_ranked_before(found: Findings, rank: Span) -> bool:
    """Whether requests are ranked, too: "the slowest requests of the most expensive feature"."""
    scan = found.scan
    requests = [span for span in scan.iter_spans("measures", "requests") if span.end <= rank.start]
    ends = {span.end for span in scan.iter_spans("operators") if span.concept.name in RANKED and span is not rank}
    words = {token.text for token in scan.tokens[max(rank.start - MAX_TOKENS, 0) : rank.start]}
    return bool(OWNING & words) and any(span.start in ends or span.end - 1 in ends for span in requests)


def _find_ranked_by(found: Findings, rank: Span) -> str:
    """Return the measure that the words of a rank name, as "expensive" does."""
    spans = found.scan.iter_spans("measures")
    return next((span.concept.name for span in spans if rank.start <= span.start < rank.end), "")


def _is_rank_before(span: Span, grain: Span) -> bool:
    return span.concept.name in ("most", "least") and span.end == grain.start
