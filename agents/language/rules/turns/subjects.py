"""Questions that need an earlier one, or a name: "why?", "which is better?", "what about it?"."""

from agents.language.phrases.references import THINGS, find_open_reference, find_pronoun_of_pair
from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.rules.details.durations import DURATION
from agents.language.rules.lately import explain_lately, is_general_change
from agents.language.rules.spending.earlier_figures import SETTLED_TOPICS
from agents.language.rules.superlatives import ask_of_what, is_bare_superlative
from agents.language.rules.turns.referred import ask_reference, is_open_reference
from agents.language.scan import Scan
from agents.language.times.calendar import DAY_AFTER, DAY_BEFORE, LogDays
from core.i18n.text import text
from workloads.query.query import Period

SETTLED = frozenset({QuestionKind.CANNOT, QuestionKind.CLARIFY, QuestionKind.TALK, QuestionKind.REPEATS})
"""Kinds of readings that need no earlier question."""


def require_subject(scan: Scan, reading: Reading, extent: LogDays, *, is_first: bool = False) -> Reading:
    """Ask back where a question needs an earlier one. Without any (`is_first`), "what did it cost?" is of the log."""
    if reading.kind in SETTLED or reading.topic in (DURATION, *SETTLED_TOPICS):
        return reading
    dimension = find_open_reference(scan)
    if dimension is not None and is_open_reference(scan, reading):
        return ask_reference(scan, dimension)
    if reading.kind is QuestionKind.EXPLAIN and not reading.parts and is_general_change(scan):
        reading = explain_lately(scan, reading, extent) or reading
    if reading.kind is QuestionKind.MEASURE and not reading.query.by and is_bare_superlative(scan):
        return ask_of_what(scan)
    if any(time.label == DAY_BEFORE for time in scan.times) and reading.kind is QuestionKind.MEASURE:
        return Reading(kind=QuestionKind.CLARIFY, message=text("Before when? Name a day, a week or a month."))
    if any(time.label == DAY_AFTER for time in scan.times) and reading.kind is QuestionKind.MEASURE:
        return Reading(kind=QuestionKind.CLARIFY, message=text("After when? Name a day, a week or a month."))
    is_of_log = (is_first or scan.has("change", "rise", "fall")) and _asks_of_log(scan, reading)
    return reading if is_of_log else _require_named_subject(scan, reading)


def read_unclear_pair(scan: Scan, _: Reading, __: Turn, ___: LogDays) -> Reading | None:
    """Ask who "he" is in "is he more expensive than dan?" where no answer was about a user."""
    return None if find_pronoun_of_pair(scan) is None else _ask_compared(scan)


def _ask_compared(scan: Scan) -> Reading:
    message = text("What do you want to compare with {name}?", name=scan.names[0].names[0].value)
    return Reading(kind=QuestionKind.CLARIFY, message=message)


def _asks_of_log(scan: Scan, reading: Reading) -> bool:
    """Whether "it" can only be the log: "what did it cost?"; not "compare it" or "move it to batch"."""
    has_figure = bool(scan.list_names("measures")) or scan.has("how_much")
    has_figure = has_figure and any(token.text in THINGS for token in scan.tokens)
    others = ("compare", "better", "batch", "why", "most", "least", "uses", "move", "than")
    is_figure = reading.kind in (QuestionKind.MEASURE, QuestionKind.WHAT_IF)
    return has_figure and is_figure and not scan.has(*others)


def _require_named_subject(scan: Scan, reading: Reading) -> Reading:
    """Ask back about "it", "why?" and "which is better?" without anything named."""
    if reading.kind is QuestionKind.EXPLAIN and not reading.parts:
        if reading.query.period != Period() or reading.query.where:
            return reading
        return Reading(
            kind=QuestionKind.CLARIFY,
            message=text("Why what? Name two periods, for example: Why was week 6 more expensive than week 5?"),
        )
    domain = scan.list_names("measures") or scan.list_names("dimensions")
    if scan.has("better") and not scan.names and not domain:
        return Reading(
            kind=QuestionKind.CLARIFY,
            message=text("Better in what: cost, latency or errors? And which two things do you want to compare?"),
        )
    is_whole = reading.kind is QuestionKind.SAVINGS  # "combien le cache pourrait-il économiser ?"
    if not is_whole and scan.has("pronoun") and (unclear := _ask_about_pronoun(scan, reading)) is not None:
        return unclear
    if (
        reading.kind is QuestionKind.MEASURE
        and reading.is_fragment
        and not (scan.names or scan.times or domain or scan.list_names("grains") or scan.list_names("statistics"))
        and not scan.has("total", "caching", "drivers", "unpriced")
    ):
        return Reading(
            kind=QuestionKind.CLARIFY,
            message=text(
                "What would you like to know? Name a figure, such as spend, requests, tokens, latency or errors."
            ),
        )
    return reading


def _ask_about_pronoun(scan: Scan, reading: Reading) -> Reading | None:
    """Ask back about "it" where nothing says what it is: "compare it with gpt-4o"."""
    is_half = scan.has("compare") and len(scan.names) == 1 and not (scan.times or reading.query.by or reading.parts)
    is_half = is_half or find_pronoun_of_pair(scan) is not None
    if is_half and reading.kind is QuestionKind.MEASURE:
        return _ask_compared(scan)
    is_than = scan.has("than") and not scan.names and reading.kind is QuestionKind.MEASURE and not reading.query.by
    needs = not (scan.names or scan.times) and (scan.has("compare", "batch") or not scan.list_names("grains"))
    if not is_than and (not needs or _has_own_subject(scan)):
        return None
    message = text("What do you mean by that? Name a model, feature, team, user or period.")
    return Reading(kind=QuestionKind.CLARIFY, message=message)


def _has_own_subject(scan: Scan) -> bool:
    kinds = any(True for _ in scan.iter_spans("dimensions"))
    return (
        bool(scan.names)
        or kinds
        or scan.has("failed", "succeeded", "streamed", "unstreamed", "anomaly")
        or len(scan.list_names("measures")) > 1
    )
