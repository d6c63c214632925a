"""Small talk, and questions that no usage log can answer."""

from collections.abc import Sequence

from agents.language.findings import Findings
from agents.language.groups import OWNERS, is_counted
from agents.language.names import list_similar_names
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.absent import ARTICLES, ask_which, is_pointed_at, is_priced, list_groups_of, list_instead
from agents.language.rules.figures import USES, asks_whether
from agents.language.scan import get_compound
from agents.language.scope import get_scope, is_negated
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.query import Query

MAX_UNKNOWN_WORDS = 8
"""A question with more unknown words tells a story; they are no names."""

WEAK = frozenset(("on", "auf", "used"))
"""Words that move something to a model only where a supposition is made."""

OPERATIONS = frozenset({"export", "prices"})
"""What is done elsewhere on the page."""

BEFORE_NAMES = frozenset(
    {
        "a",
        "an",
        "of",
        "for",
        "by",
        "from",
        "did",
        "does",
        "fur",
        "von",
        "de",
        "pour",
        "para",
        "ein",
        "eine",
        "un",
        "une",
    }
)
STRONG = (
    *(
        "why",
        "compare",
        "goal",
        "report",
        "forecast",
        "anomaly",
        "change",
        "rise",
        "fall",
        "what_if",
        "batch",
        "better",
        "pronoun",
    ),
    *(
        "total",
        "period_covered",
        "how_many",
        "details",
        "caching",
        "when",
        "drivers",
        "also",
        "share",
        "only",
        "except",
        "reset",
        "list",
        "top",
        "most",
        "least",
        "decompose",
        "what_failed",
        "failed",
        "net",
        "gross",
        "as_chart",
        "as_table",
    ),
    *("statuses", "relation", "reversed", "how_to", "risk", "ran", "leave_out"),
)
"""Operators with which a question asks for something, even if it names nothing of the log."""


def read_talk(found: Findings) -> Reading | None:
    scan = found.scan
    topics = scan.list_names("talk")
    asked = next((each for each in topics if each in OPERATIONS), None)
    if asked is not None:
        return Reading(kind=QuestionKind.OPERATE, topic=asked)
    special = next((each for each in topics if each in ("method", "token", "off_topic")), None)
    if special is not None and not scan.names and not found.groups:
        return Reading(kind=QuestionKind.TALK, topic=special)
    if "upload" in topics or ("who" in topics and not found.measures):
        return Reading(kind=QuestionKind.TALK, topic="upload" if "upload" in topics else "who")
    topic = None if _has_subject(found) else _find_topic(found, topics)
    return None if topic is None else Reading(kind=QuestionKind.TALK, topic=topic)


def _has_subject(found: Findings) -> bool:
    """Whether the question names anything that a log, a price list or a calendar has."""
    scan = found.scan
    kinds = ("measures", "dimensions", "statistics", "cannot")
    has_meaning = any(True for kind in kinds for _ in scan.iter_spans(kind))
    return has_meaning or bool(scan.names or scan.times or scan.numbers or scan.unknown_names or scan.listed_models)


def _find_topic(found: Findings, topics: Sequence[str]) -> str | None:
    """Return the topic of small talk, or None where more than that is asked for."""
    scan = found.scan
    if topics and not scan.has("why", "compare", "goal", "report", "forecast", "anomaly", "what_if", "caching"):
        return next((each for each in topics if each != "ok"), "ok")
    compounds = {get_compound(scan.tokens, place)[0] for place in scan.unknown_words}
    if len(compounds) > 1 and not scan.has("why", "report"):
        return "off_topic"
    if scan.has(*STRONG) or scan.list_names("grains"):
        return None
    return "off_topic" if scan.unknown_words else None


def read_unanswerable(found: Findings) -> Reading | None:
    """A topic that a usage log says nothing about, a dimension that this one lacks, or a time outside of it."""
    scan, extent = found.scan, found.extent
    topics = scan.list_names("cannot")
    topics += scan.list_names("marks")  # those that no column of the log has
    if topics:
        return Reading(kind=QuestionKind.CANNOT, topic=topics[0])
    absent = _find_absent_dimension(found)
    if absent is not None and not scan.has("forecast", "report"):
        title = get_dimension(absent).title
        message = text(
            "The log has no column for “{dimension}”. A log with that column would show it.", dimension=title
        )
        choices = list_instead(found, absent)
        return Reading(kind=QuestionKind.CANNOT, topic="dimension", message=message, choices=choices)
    is_far = any(each.start and each.start.year > extent.last.year + 1 for each in scan.times)
    if is_far or any(2000 <= each.value <= 2100 and each.value > extent.last.year for each in scan.numbers):
        return Reading(kind=QuestionKind.CANNOT, topic="future_price")
    if not extent.is_dated and (scan.times or scan.list_names("grains") or scan.has("forecast", "anomaly")):
        message = text("The log has no dates. A log with the time of each request would show it.")
        return Reading(kind=QuestionKind.CANNOT, topic="period", message=message)
    points = found.list_points()
    if points and all(point.end and point.end <= extent.first for point in points):
        message = text(
            "The log starts on {first} and ends on {last}, so it has nothing of that time.",
            first=extent.first.isoformat(),
            last=extent.last.isoformat(),
        )
        return Reading(kind=QuestionKind.CANNOT, topic="period", message=message)
    return None


def _find_absent_dimension(found: Findings) -> str | None:
    """Return a dimension that is asked for and that the log lacks. "Who" asks for users, unless another owner is."""
    scan = found.scan
    asked = {span.start for span in scan.iter_spans("operators", "asks_who")}
    spans = [span for span in scan.iter_spans("dimensions") if not is_counted(scan, span)]
    of_that = [span for span in spans if asked and is_pointed_at(scan, span)]
    spans = [span for span in spans if span not in of_that]  # "who in that team?" asks for no teams
    if any(span.concept.name in OWNERS for span in spans if span.start not in asked):
        spans = [span for span in spans if span.start not in asked]
    is_ranked = bool(found.measures or of_that) or scan.has("most", "least", "top", "per")
    known = scan.vocabulary.dimensions if is_ranked else {*scan.vocabulary.dimensions, "user"}  # "who is it?"
    return next((span.concept.name for span in spans if span.concept.name not in known), None)


def read_unknown_name(found: Findings) -> Reading | None:
    """Ask back about a name that the log does not have, never ignore it."""
    scan = found.scan
    is_move = any(scan.tokens[span.start].text not in WEAK for span in scan.iter_spans("operators", "move"))
    is_negative = bool(scan.listed_models) and is_negated(scan, scan.listed_models[0][0])  # "without o3"
    if scan.listed_models and not is_move and (is_negative or not scan.has("what_if")):
        start, end, model = scan.listed_models[0]
        similar = tuple(name.value for name in list_similar_names(scan, start, end) if name.dimension == "model")
        return ask_which(scan, (start, end), model, similar)
    if len(scan.unknown_words) > MAX_UNKNOWN_WORDS:
        return None
    if not scan.unknown_names:
        return _read_unknown_subject(found)
    first = scan.unknown_names[0]
    if first.similar and first.dimension is None:
        similar = tuple(name.value for name in first.similar)
        return ask_which(scan, (first.start, first.end), first.words, similar)
    title = get_dimension(first.dimension).title if first.dimension else text("name")
    message = text("The log has no {dimension} called “{name}”.", dimension=title, name=first.words)
    return Reading(kind=QuestionKind.CANNOT, topic="name", message=message)


def read_absent(found: Findings) -> Reading | None:
    """Do we use gpt-5? The log's models, among which it is not."""
    scan = found.scan
    is_asked = asks_whether(scan) and (scan.has("exist", "uses") or bool(USES & found.words))
    is_plain = not (scan.names or found.measures or found.thresholds or scan.has("what_if", "than", "why"))
    named = [scan.quote(start, end) for start, end, _ in scan.listed_models] + [n.words for n in scan.unknown_names]
    if not named and len(scan.unknown_words) == 1 and USES & found.words:
        named = [scan.tokens[scan.unknown_words[0]].raw]
    if not is_asked or not is_plain or len(named) != 1 or "who" in scan.list_names("talk"):
        return None
    asked = next((each.dimension for each in scan.unknown_names if each.dimension), None)
    by = next((each for each in (asked, *found.groups, "model") if each in scan.vocabulary.dimensions), None)
    if by is None or get_dimension(by).is_time:
        return None
    message = text("The log has nothing called “{name}”.", name=named[0])
    query = Query(by=(by,), where=get_scope(found, names=()).where)
    return Reading(kind=QuestionKind.MEASURE, query=query, message=message, exists=True)


def read_unclear_comparison(found: Findings) -> Reading | None:
    """Ask back where a number is compared with something that is not understood."""
    unclear = [each for each in found.thresholds if not each.measure]
    if not unclear:
        return None
    message = text("More or less of what? For example: requests with more than 20,000 input tokens, users above $5.")
    return Reading(kind=QuestionKind.CLARIFY, message=message)


def _is_subject(found: Findings, place: int) -> bool:
    """Whether a word is what a question that wants a yes or a no is about: "has our onboarding become cheaper?"."""
    before = [token.text for token in found.scan.tokens[:place]]
    return asks_whether(found.scan) and place > 0 and ARTICLES.issuperset(before[1:])


def _read_unknown_subject(found: Findings) -> Reading | None:
    """Ask about words that must be a name, since nothing else says what is asked about: "What does a flight cost?"."""
    scan = found.scan
    known = scan.names or scan.times or found.groups or scan.listed_models
    if known or scan.has("anomaly", "report", "goal", "why", "decompose"):
        return None
    for place in scan.unknown_words:
        token = scan.tokens[place]
        before = scan.tokens[place - 1].text if place else ""
        is_name = place > 0 and token.is_capitalized and not token.raw.isupper()
        if is_name or before in BEFORE_NAMES or _is_subject(found, place) or is_priced(found, place):
            message = text(
                "The log has nothing called “{name}”. Which model, feature, team or user do you mean?", name=token.raw
            )
            return Reading(kind=QuestionKind.CANNOT, topic="name", message=message, choices=list_groups_of(scan))
    return None
