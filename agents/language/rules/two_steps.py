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
    for group in (*scan.iter_spans("dimensions"), *grains):
        spans = [span for span in scan.iter_spans("operators") if span.concept.name in RANKED]
        rank = next((span for span in spans if _is_beside(found, span, group)), None)
        per = next((span for span in scan.iter_spans("operators", "per") if span.start > group.end), None)
        is_over_time = per is not None and any(grain.start == per.end for grain in grains)
        is_over_time = is_over_time or (rank is not None and _is_ranked_before(found, rank, group))
        if rank is None or not is_over_time or group.concept.name not in found.groups or found.find_limit():
            continue
        name, order = group.concept.name.replace("_", " "), "lowest" if rank.concept.name == "least" else "highest"
        is_listed = _is_ranked_before(found, rank, group)
        measure = _find_ranked_by(found, rank) or ("spend" if is_listed else (found.measures or ("spend",))[0])
        title = "number of requests" if measure == "requests" else str(MEASURES[measure].title).lower()
        message = text("That takes two questions: first which {period} it was, then about that one.", period=name)
        choices = (f"Which {name} has the {order} {title}?",)
        return Reading(kind=QuestionKind.CLARIFY, topic="two_steps", message=message, choices=choices)
    return None


def _is_beside(found: Findings, rank: Span, group: Span) -> bool:
    """Whether a rank stands right before a group, or after it: "la fonctionnalité la plus chère"."""
    return rank.end == group.start or (group.end <= rank.start and found.scan.are_small(group.end, rank.start))


def _is_ranked_before(found: Findings, rank: Span, group: Span) -> bool:
    """Whether requests are ranked, too: "the slowest requests of the most expensive feature"."""
    scan, start = found.scan, min(rank.start, group.start)
    requests = [span for span in scan.iter_spans("measures", "requests") if span.end <= start]
    ranks = [span for span in scan.iter_spans("operators") if span.concept.name in RANKED and span.end <= start]
    words = {token.text for token in scan.tokens[max(start - MAX_TOKENS, 0) : start]}
    is_of = bool(OWNING & words) and not scan.has("per")
    return is_of and any(_is_beside(found, one, span) or one.start == span.start for one in ranks for span in requests)


def _find_ranked_by(found: Findings, rank: Span) -> str:
    """Return the measure that the words of a rank name, as "expensive" does."""
    spans = [span for span in found.scan.iter_spans("measures") if rank.start <= span.start < rank.end]
    return next(
        (name for span in spans for name in (span.concept.name, f"{span.concept.name}_p95") if name in MEASURES), ""
    )


def _is_rank_before(span: Span, grain: Span) -> bool:
    return span.concept.name in ("most", "least") and span.end == grain.start
