"""Follow-up questions: change one thing of the question before."""

from collections.abc import Sequence
from dataclasses import replace

from agents.language.interpreter import interpret
from agents.language.query_changes import asks_difference, compare_answers, merge_query, merge_what_if, rank_again
from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.scan import STARTERS, Scan
from agents.language.times.calendar import DAY_BEFORE, LogDays
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.query import ROW_NUMBERS, Operator, Period

LEADS = frozenset(
    (
        *("and", "only", "now", "also", "what", "how", "the", "as", "top", "without", "leave", "ignore", "per"),
        *("by", "same", "und", "nur", "et", "y", "solo", "por"),
    )
)
"""The first words of questions that may change the question before."""

JOINING = frozenset(("and", "only", "now", "also", "same", "und", "nur", "auch", "et", "y", "solo", "seulement", "e"))
"""The first words of questions that change the question before, whatever else they say."""

MIN_TOKENS = 4
"""Tokens of a question that says all by itself; "which team?" does not."""

ASKING = frozenset({"what", "how"})
ABOUT = frozenset({"about", "if", "of", "for"})
"""What follows those words in a question that changes the one before."""


def read_follow_up(scan: Scan, extent: LogDays, turns: Sequence[Turn]) -> Reading:
    """Return what a question asks for, which may belong to earlier ones."""
    reading = interpret(scan, extent)
    earlier = [
        turn
        for turn in turns
        if turn.reading.kind not in (QuestionKind.TALK, QuestionKind.CANNOT, QuestionKind.CLARIFY)
    ]
    if not earlier:
        return _require_subject(scan, reading)
    last = earlier[-1]
    merged = _merge(scan, reading, last, earlier)
    return _require_subject(scan, reading) if merged is None else merged


def _require_subject(scan: Scan, reading: Reading) -> Reading:
    """Ask back where a question needs an earlier one."""
    if any(time.label == DAY_BEFORE for time in scan.times) and reading.kind is QuestionKind.MEASURE:
        return Reading(kind=QuestionKind.CLARIFY, message=text("Before when? Name a day, a week or a month."))
    return _require_named_subject(scan, reading)


def _require_named_subject(scan: Scan, reading: Reading) -> Reading:
    """Ask back about "it", "why?" and "which is better?" without anything named."""
    if reading.kind is QuestionKind.EXPLAIN and not reading.parts:
        if reading.query.period != Period() or reading.query.where:
            return reading
        return Reading(
            kind=QuestionKind.CLARIFY,
            message=text("Why what? Name two periods, for example: Why was week 6 more expensive than week 5?"),
        )
    needs = scan.has("pronoun") and not (scan.names or scan.times)
    domain = scan.list_names("measures") or scan.list_names("dimensions")
    if scan.has("better") and not scan.names and not domain:
        return Reading(
            kind=QuestionKind.CLARIFY,
            message=text("Better in what: cost, latency or errors? And which two things do you want to compare?"),
        )
    if needs and (scan.has("compare", "batch") or not scan.list_names("grains")) and not _has_own_subject(scan):
        return Reading(
            kind=QuestionKind.CLARIFY,
            message=text("What do you mean by that? Name a model, feature, team, user or period."),
        )
    if (
        reading.kind is QuestionKind.MEASURE
        and reading.is_fragment
        and not (scan.names or scan.times or domain or scan.list_names("grains") or scan.list_names("statistics"))
        and not scan.has("total", "caching", "drivers")
    ):
        return Reading(
            kind=QuestionKind.CLARIFY,
            message=text(
                "What would you like to know? Name a figure, such as spend, requests, tokens, latency or errors."
            ),
        )
    return reading


def _has_own_subject(scan: Scan) -> bool:
    kinds = any(True for _ in scan.iter_spans("dimensions"))
    return (
        bool(scan.names)
        or kinds
        or scan.has("failed", "succeeded", "streamed", "anomaly")
        or len(scan.list_names("measures")) > 1
    )


def _merge(scan: Scan, reading: Reading, last: Turn, earlier: Sequence[Turn]) -> Reading | None:
    previous = last.reading
    if reading.kind is QuestionKind.EXPLAIN and not reading.parts and previous.parts:
        return replace(reading, parts=previous.parts, is_fragment=False)
    if reading.kind is QuestionKind.WHAT_IF or (previous.kind is QuestionKind.WHAT_IF and _is_short(scan)):
        return merge_what_if(scan, reading, previous)
    if (ranked := rank_again(scan, previous)) is not None:
        return ranked
    if scan.has("pronoun") and scan.has("compare"):
        return None
    if len(earlier) > 1 and asks_difference(scan):
        return compare_answers(scan, earlier[-2].reading, earlier[-1].reading)
    return merge_query(scan, reading, last) if _belongs_to(reading, previous, scan) else None


def _belongs_to(reading: Reading, previous: Reading, scan: Scan) -> bool:
    """Whether a question changes a part of the question before."""
    figures = (QuestionKind.MEASURE, QuestionKind.REQUESTS)
    if reading.kind not in (*figures, QuestionKind.COMPARE) or previous.kind not in figures:
        return False
    if scan.has("pronoun", "instead_of_it", "reset"):
        return True
    return not _is_whole(scan) and (reading.is_fragment or _is_short(scan))


def _is_whole(scan: Scan) -> bool:
    """Whether a question says all by itself: a figure or a group of the log, asked for in words of its own."""
    first = [token.text for token in scan.tokens[:2]]
    if not first or first[0] in JOINING or (first[0] in ASKING and first[-1] in ABOUT):
        return False
    if scan.has("drivers"):
        return True
    has_figure, has_group = bool(scan.list_names("measures")), bool(scan.list_names("dimensions"))
    return (has_figure and (has_group or bool(scan.list_names("grains")))) or (
        first[0] in STARTERS and len(scan.tokens) >= MIN_TOKENS and (has_figure or has_group or bool(scan.names))
    )


def _is_short(scan: Scan) -> bool:
    first = [token.text for token in scan.tokens[:2]]
    if first[:1] and first[0] in ASKING and first[-1] not in ABOUT:
        return False  # "how many requests failed?" is whole; "how about last week?" is not
    return (
        len(scan.tokens) <= 9
        and not LEADS.isdisjoint(first)
        and not any(token.text in ("did", "does", "do", "is", "was") for token in scan.tokens[:4])
    )


def find_subject(reading: Reading, first_row: Sequence[object]) -> tuple[str, str] | None:
    """Return the dimension and value that an answer is about: the first of a ranking, or its only name."""
    query = reading.query
    if reading.kind is not QuestionKind.MEASURE:
        return None
    if query.by and first_row and not get_dimension(query.by[0]).is_time:
        return (query.by[0], str(first_row[0]))
    named = [
        each
        for each in query.where
        if each.operator is Operator.IS and len(each.values) == 1 and each.field not in ROW_NUMBERS
    ]
    return (named[0].field, str(named[0].values[0])) if len(named) == 1 else None
