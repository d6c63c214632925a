"""Follow-up questions: change one thing of the question before."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

from agents.language.compared_changes import asks_difference, change_comparison, compare_answers, merge_comparison
from agents.language.findings import find
from agents.language.interpreter import interpret
from agents.language.phrases.references import find_bare_that, name_references
from agents.language.query_changes import list_requests_again, merge_query, merge_what_if, rank_again
from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.rules.details.causes import explain_earlier, read_cause_of_period
from agents.language.rules.details.flags import unfold_flag
from agents.language.rules.shares import refuse_shares
from agents.language.rules.spending.earlier_figures import read_about_earlier
from agents.language.rules.superlatives import is_bare_superlative
from agents.language.rules.turns.became import read_became
from agents.language.rules.turns.changed_most import read_changed_most
from agents.language.rules.turns.counted import read_number_of_them
from agents.language.rules.turns.failed_ones import read_about_failed
from agents.language.rules.turns.foreseen import read_forecast_without
from agents.language.rules.turns.other_ends import read_other_end
from agents.language.rules.turns.purposes import read_purpose_of_it
from agents.language.rules.turns.referred import is_open_reference, keep_scope
from agents.language.rules.turns.removals import read_unclear_removal
from agents.language.rules.turns.reversals import read_reversal
from agents.language.rules.turns.steps import read_steps
from agents.language.rules.turns.subjects import read_unclear_pair, require_subject
from agents.language.rules.turns.supposed import read_supposed_of_it
from agents.language.rules.unread import list_unread
from agents.language.rules.views import read_wish_for_view
from agents.language.scan import STARTERS, Scan
from agents.language.times.calendar import DAY_AFTER, DAY_BEFORE, LogDays
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.query import ROW_NUMBERS, Operator

LEADS = frozenset(
    (
        *("and", "only", "now", "also", "what", "how", "the", "as", "top", "without", "leave", "ignore", "per"),
        *("by", "same", "und", "nur", "et", "y", "solo", "por"),
    )
)
"""The first words of questions that may change the question before."""

JOINING = frozenset(("and", "only", "now", "also", "same", "und", "nur", "auch", "et", "y", "solo", "seulement", "e"))
"""The first words of questions that change the question before, whatever else they say."""

CLAUSES = frozenset(("and", "und", "et", "y"))
"""Words that begin another clause of the same question."""

MIN_TOKENS = 4
"""Tokens of a question that says all by itself; "which team?" does not."""

UNANSWERED = frozenset({QuestionKind.CANNOT, QuestionKind.CLARIFY, QuestionKind.TALK})

FOLLOW_UPS: tuple[Callable[[Scan, Reading, Turn, LogDays], Reading | None], ...] = (
    read_wish_for_view,
    read_unclear_removal,
    read_unclear_pair,
    read_reversal,
    read_steps,
    read_cause_of_period,
    read_supposed_of_it,
    read_purpose_of_it,
    read_became,
    read_number_of_them,
    read_changed_most,
    read_about_failed,
    read_other_end,
    read_forecast_without,
    read_about_earlier,
)
"""Rules for questions that change the answer before as a whole. Their order matters; what none of them reads is merged
with the question before."""

ISO_DAY = len("2026-01-01")

ASKING = frozenset({"what", "how"})
ABOUT = frozenset({"about", "if", "of", "for"})
"""What follows those words in a question that changes the one before."""


def read_follow_up(scan: Scan, extent: LogDays, turns: Sequence[Turn]) -> Reading:
    """Return what a question asks for, which may belong to earlier ones."""
    earlier = [turn for turn in turns if turn.reading.kind not in UNANSWERED]
    asked = name_references(scan, earlier)
    reading = interpret(asked, extent)
    if asked is not scan:
        return keep_scope(asked, reading, earlier[-1:])
    if not earlier or is_open_reference(scan, reading):
        return require_subject(scan, reading, extent, is_first=not earlier)
    changed = (rule(scan, reading, earlier[-1], extent) for rule in FOLLOW_UPS)
    found = next((each for each in changed if each is not None), None)
    return _change_last(scan, reading, extent, earlier) if found is None else found


def _change_last(scan: Scan, reading: Reading, extent: LogDays, earlier: Sequence[Turn]) -> Reading:
    """Return the question before with what the new one changes of it, or the new one by itself."""
    last = earlier[-1]
    merged = _merge(scan, reading, last, earlier)
    if merged is None:
        return require_subject(scan, reading, extent)
    merged = replace(
        refuse_shares(scan, merged),
        unread=list_unread(find(scan, extent), merged),
        whether=reading.whether,
        basis=reading.basis or last.reading.basis,
    )
    return merged if _is_understood(scan, merged, last.reading) else _ask_what_to_change(scan, reading, extent)


def _is_understood(scan: Scan, merged: Reading, previous: Reading) -> bool:
    """Whether a follow-up changes something, or names what the question before already says."""
    is_same = replace(merged.query, zone="") == replace(previous.query, zone="")
    is_other = merged.kind is not previous.kind or merged.parts != previous.parts or merged.rank != previous.rank
    is_other = is_other or merged.basis is not previous.basis or merged.rest != previous.rest
    if not is_same or is_other or merged.supposition != previous.supposition:
        return True
    kinds = ("measures", "dimensions", "grains")
    says_same = (
        bool(scan.names or scan.times)
        or scan.has("net", "gross")
        or any(True for kind in kinds for _ in scan.iter_spans(kind))
    )
    return not merged.unread and says_same and not any(time.label in (DAY_BEFORE, DAY_AFTER) for time in scan.times)


def _ask_what_to_change(scan: Scan, reading: Reading, extent: LogDays) -> Reading:
    """Return a question by itself where nothing of it changes the one before, or ask back."""
    alone = require_subject(scan, reading, extent)
    if not reading.is_fragment or alone.kind is QuestionKind.CLARIFY:
        return alone
    message = text("I didn't understand what to change in the question before. Name a figure, a group or a period.")
    return Reading(kind=QuestionKind.CLARIFY, message=message)


def _merge(scan: Scan, reading: Reading, last: Turn, earlier: Sequence[Turn]) -> Reading | None:
    previous = last.reading
    if reading.kind is QuestionKind.EXPLAIN and not reading.parts:
        explained = explain_earlier(reading, earlier, scan.vocabulary.dimensions)
        if explained is not None:
            return explained
    if reading.kind is QuestionKind.WHAT_IF or (previous.kind is QuestionKind.WHAT_IF and _is_short(scan)):
        return merge_what_if(scan, reading, previous)
    if (ranked := rank_again(scan, previous)) is not None:
        return ranked
    if scan.has("pronoun") and scan.has("compare"):
        return None
    if len(earlier) > 1 and asks_difference(scan):
        return compare_answers(scan, earlier[-2].reading, earlier[-1].reading)
    return _change_query(scan, reading, last)


def _change_query(scan: Scan, reading: Reading, last: Turn) -> Reading | None:
    """Return the question before with what the new one names, or None where that is a question by itself."""
    if (last := unfold_flag(last, reading)).reading.kind is QuestionKind.COMPARE:
        return change_comparison(scan, reading, last.reading) if _changes_part(scan, reading) else None
    if not _belongs_to(reading, last.reading, scan):
        return None
    if reading.kind is QuestionKind.REQUESTS and last.reading.kind is QuestionKind.MEASURE:
        return list_requests_again(scan, reading, last)
    is_comparison = reading.kind is QuestionKind.COMPARE
    return merge_comparison(scan, reading, last) if is_comparison else merge_query(scan, reading, last)


def _changes_part(scan: Scan, reading: Reading) -> bool:
    """Whether a question is a part of one, such as "and by model?"."""
    return reading.kind is QuestionKind.MEASURE and not _is_whole(scan) and (reading.is_fragment or _is_short(scan))


def _belongs_to(reading: Reading, previous: Reading, scan: Scan) -> bool:
    """Whether a question changes a part of the question before."""
    figures = (QuestionKind.MEASURE, QuestionKind.REQUESTS)
    if reading.kind not in (*figures, QuestionKind.COMPARE) or previous.kind not in figures:
        return False
    if scan.has("instead_of_it", "reset") or _points_back(scan) or is_bare_superlative(scan):
        return True
    return not _is_whole(scan) and (reading.is_fragment or _is_short(scan))


def _points_back(scan: Scan) -> bool:
    """Whether a pronoun stands for something of the question before, not of an earlier clause of this one: "how many
    requests failed, and what did they cost?"."""
    place = scan.get_place("pronoun")
    place = find_bare_that(scan) if place is None else place
    if place is None:
        return False
    breaks = [at for at in range(1, place) if scan.tokens[at].text in CLAUSES or "," in scan.tokens[at].gap]
    named = [span.end for kind in ("measures", "dimensions") for span in scan.iter_spans(kind)]
    return not any(end <= breaks[-1] for end in (*named, *(name.end for name in scan.names))) if breaks else True


def _is_whole(scan: Scan) -> bool:
    """Whether a question says all by itself: a figure or a group of the log, asked for in words of its own."""
    first = [token.text for token in scan.tokens[:2]]
    if not first or first[0] in JOINING or (first[0] in ASKING and first[-1] in ABOUT):
        return False
    if scan.has("drivers") or is_bare_superlative(scan):
        return scan.has("drivers")
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
    if query.by and first_row and isinstance(first_row[0], datetime | date):
        return (query.by[0], first_row[0].isoformat()[:ISO_DAY])
    if query.by and first_row and not get_dimension(query.by[0]).is_time:
        return (query.by[0], str(first_row[0]))
    named = [
        each
        for each in query.where
        if each.operator is Operator.IS and len(each.values) == 1 and each.field not in ROW_NUMBERS
    ]
    return (named[0].field, str(named[0].values[0])) if len(named) == 1 else None
