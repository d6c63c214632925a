"""Read a question, which may be several in one, "What did we spend, how many requests failed, and who are the top 3
users?", and may be about two logs: the same figures of each of them, side by side, or of the one that is named."""

from collections.abc import Sequence
from dataclasses import replace

from agents.language.compared_changes import share_measures
from agents.language.conversation import read_follow_up
from agents.language.coverage.checks import ask_about_unread, list_left_out
from agents.language.groups import COUNTED_DIMENSIONS
from agents.language.interpreter import interpret
from agents.language.lexicon import Lexicon
from agents.language.reading import QuestionKind, Reading, Turn
from agents.language.rules.details.causes import add_open_cause
from agents.language.rules.spending.parts_of_whole import share_of_part_before
from agents.language.rules.spending.single_items import ask_cost_of_one
from agents.language.rules.superlatives import ask_for_cause, is_bare_superlative
from agents.language.scan import STARTERS, Scan
from agents.language.scanner import scan_question
from agents.language.steps.both_logs import spread_over_logs
from agents.language.steps.members import MEMBER, ask_of_that, get_main, read_in_steps
from agents.language.steps.purposes import add_purpose, cut_purpose
from agents.language.times.calendar import LogDays
from agents.language.tokens import Token, tokenize
from agents.language.vocabulary import Vocabulary
from workloads.query.query import Order, Period

MAX_SEGMENTS = 4
CONDITIONS = frozenset({"since", "as", "if", "when", "because", "given", "wenn", "da", "si", "comme", "como"})
"""First words of a clause that is no question of its own."""
JOINTS = frozenset({"and", "und", "et", "y"})
PREPOSITIONS = frozenset(("for", "on", "in", "with", "fur", "auf", "mit", "bei", "pour", "sur", "avec", "para", "con"))
EACH = frozenset({"each", "jeweils", "jeder", "jedes", "chacun", "chacune", "cada"})
SUBJECTS = ("measures", "dimensions", "grains", "statistics")


def read_segments(
    question: str, lexicon: Lexicon, vocabulary: Vocabulary, extent: LogDays, earlier: Sequence[Turn], *, logs: int = 1
) -> Reading:
    """Return what a question asks for; further questions in the same sentence are its `rest`. What it leaves out of the
    question is `unread`."""
    whole = scan_question(question, lexicon, vocabulary, extent)
    reading = ask_about_unread(whole, _read_parts(whole, earlier, extent, logs=logs))
    left_out = list_left_out(whole, reading)
    return replace(reading, unread=tuple(dict.fromkeys((*reading.unread, *left_out)))) if left_out else reading


def _read_parts(whole: Scan, earlier: Sequence[Turn], extent: LogDays, *, logs: int) -> Reading:
    question, lexicon, vocabulary = whole.question, whole.lexicon, whole.vocabulary
    head = _cut_cause(whole) if logs < 2 else ""
    if head:
        before = read_segments(head, lexicon, vocabulary, extent, earlier)
        asked = add_open_cause(before) or ask_for_cause(before)
        if asked is not None:
            return asked
    if logs < 2 and (asked := _read_with_purpose(whole, extent, earlier)) is not None:
        return asked
    scans = [scan_question(words, lexicon, vocabulary, extent) for words in split_questions(question)]
    is_one = len(scans) < 2 or logs > 1 or any(_counts_of_each(scan) for scan in scans[1:])
    if is_one or not all(_asks_something(scan) for scan in scans) or _is_time_only(scans[0]):
        if logs > 1:
            return spread_over_logs(read_follow_up(whole, extent, earlier), whole, extent)
        return read_in_steps(whole, extent, earlier)
    readings: list[Reading] = []
    for scan in scans:
        asked = _read_segment(scan, extent, readings, earlier)
        if asked.member is not None and readings:  # of the first one of the part before
            readings[-1] = replace(readings[-1], topic=MEMBER)
        readings.append(asked)
    first, *others = _share_period(question, scans, readings)
    return replace(first, rest=(*first.rest, *others))


def _read_with_purpose(whole: Scan, extent: LogDays, earlier: Sequence[Turn]) -> Reading | None:
    """Return what "what did we spend, and on what?" asks for; None for another question."""
    head, things = cut_purpose(whole)
    if not head:
        return None
    reading = read_segments(head, whole.lexicon, whole.vocabulary, extent, earlier)
    return add_purpose(reading, whole, things)


def _cut_cause(scan: Scan) -> str:
    """Return "which day was the most expensive" of "which day was the most expensive, and why?", else nothing."""
    place = next((s.start for s in scan.iter_spans("operators", "why") if s.start > 1), 0)
    end = _skip_joint_back(scan.tokens, 0, place) if place else 0
    is_apart = (
        place > end
        or (place and scan.tokens[place].text in JOINTS)
        or (place > 0 and any(sign in scan.tokens[place].gap for sign in ",;:.-"))
    )
    kinds = ("dimensions", "grains", "numbers")
    named = [span.start for kind in kinds for span in scan.iter_spans(kind)]
    named += [*(name.start for name in scan.names), *(each.first for each in scan.times)]
    is_last = all(start < place for start in named) and not any(at > place for at in scan.unknown_words)
    return scan.question[: scan.tokens[end - 1].end] if end and is_apart and is_last else ""


def _share_period(question: str, scans: Sequence[Scan], readings: Sequence[Reading]) -> Sequence[Reading]:
    """Return the readings with the period that only one part names: the first, "what did we spend last week, and how
    many requests failed?", or the last one after a comma, "how many requests, and what error rate, in May?"."""
    timed = [place for place, scan in enumerate(scans) if scan.times]
    if len(timed) != 1 or not (timed[0] == 0 or _ends_with_time(scans[timed[0]], question)):
        return readings
    period = readings[timed[0]].query.period
    return [
        replace(each, query=replace(each.query, period=period)) if _lacks_period(each) else each for each in readings
    ]


def _ends_with_time(scan: Scan, question: str) -> bool:
    """Whether a part's time stands last, after a comma."""
    time = scan.times[-1]
    place = time.first
    while place > 0 and scan.tokens[place - 1].text in scan.lexicon.stop and "," not in scan.tokens[place].gap:
        place -= 1
    is_last = all(not token.is_word for token in scan.tokens[time.last :])
    return is_last and place > 0 and "," in scan.tokens[place].gap and scan.question.rstrip(" ?.!") in question


def _lacks_period(reading: Reading) -> bool:
    is_figure = reading.kind in (QuestionKind.MEASURE, QuestionKind.REQUESTS)
    return is_figure and reading.query.period == Period() and not reading.rest


def split_questions(question: str) -> tuple[str, ...]:
    """Return the parts of a question that each begin with a word that asks."""
    tokens = tokenize(question)
    starts = [0]
    if tokens and tokens[0].text in CONDITIONS:
        return (question,)
    for place in range(2, len(tokens)):
        if tokens[place].text in STARTERS and _is_separated(question, tokens, place) and len(starts) < MAX_SEGMENTS:
            starts.append(place)
    ends = [*starts[1:], len(tokens)]
    return tuple(
        question[tokens[start].start : tokens[_skip_joint_back(tokens, start, end) - 1].end]
        for start, end in zip(starts, ends, strict=True)
        if end > start
    )


def _is_separated(question: str, tokens: Sequence[Token], place: int) -> bool:
    """Whether "and", a comma or a question mark stands right before a token."""
    if place > 1 and tokens[place - 1].text in PREPOSITIONS and tokens[place - 2].text in JOINTS:
        return True  # "and for which models?"
    between = question[tokens[place - 1].end : tokens[place].start]
    return tokens[place - 1].text in JOINTS or any(sign in between for sign in ",;?") or tokens[place - 1].text == "?"


def _skip_joint_back(tokens: Sequence[Token], start: int, end: int) -> int:
    if end < len(tokens):
        while end - 1 > start and tokens[end - 1].text in (*JOINTS, *PREPOSITIONS, "?"):
            end -= 1
    return end


def _asks_something(scan: Scan) -> bool:
    """Whether a part names anything itself, and does not speak of what was named before."""
    has_subject = any(True for kind in SUBJECTS for _ in scan.iter_spans(kind))
    is_another = scan.has("how_much") and bool(scan.names)  # "... and how much on OpenAI?"
    return not scan.has("pronoun") and bool(has_subject or scan.times or is_another)


def _counts_of_each(scan: Scan) -> bool:
    """Whether a part asks for a figure of the groups of the part before: "and how many requests each had"."""
    return any(token.text in EACH for token in scan.tokens) and not scan.list_names("dimensions")


def _is_time_only(scan: Scan) -> bool:
    """Whether a part only says when: "Between 10 and 15 June, which feature cost most?"."""
    says_more = any(True for kind in SUBJECTS for _ in scan.iter_spans(kind)) or bool(scan.names)
    return not says_more and scan.tokens[0].text not in STARTERS


def _read_segment(scan: Scan, extent: LogDays, before: Sequence[Reading], earlier: Sequence[Turn]) -> Reading:
    """Return what a part asks for: by itself, or with what only the part before says."""
    if not before:
        return read_in_steps(scan, extent, earlier)
    if is_bare_superlative(scan):
        ranked = _rank_counted(interpret(scan, extent), scan, before[-1])
        return ranked if ranked.query.by else read_in_steps(scan, extent, [Turn(reading=get_main(before[-1]))])
    if (of_one := ask_cost_of_one(scan, before[-1])) is not None:
        return of_one
    is_whole = any(True for kind in ("measures", "dimensions", "grains") for _ in scan.iter_spans(kind))
    if not is_whole:
        return read_in_steps(scan, extent, [Turn(reading=get_main(before[-1]))])
    reading = read_in_steps(scan, extent, ())
    if (pairs := _pair_groups(reading, scan, before[-1])) is not None:
        return pairs
    shared = share_measures(reading, scan, before[-1]) or share_of_part_before(reading, scan, before[-1])
    shared = shared or ask_of_that(reading, scan, before[-1])
    return shared or _rank_counted(reading, scan, before[-1])


def _pair_groups(reading: Reading, scan: Scan, before: Reading) -> Reading | None:
    """Return the users with their models for "Which user cost most, and on what models?"."""
    is_bare = not (scan.list_names("measures") or scan.names or scan.times or scan.has("most", "least", "top"))
    new, old = reading.query, before.query
    if not (is_bare and before.singular and reading.kind is before.kind is QuestionKind.MEASURE and len(old.by) == 1):
        return None
    is_other = len(new.by) == 1 and new.by != old.by and not (old.statistics or old.limit_each)
    return replace(before, query=replace(old, by=(*old.by, *new.by)), singular=False, rest=()) if is_other else None


def _rank_counted(reading: Reading, scan: Scan, before: Reading) -> Reading:
    """Return the ranking of "How many teams do we have, and which is the cheapest?"."""
    is_bare = reading.kind is QuestionKind.MEASURE and not reading.query.by and scan.has("most", "least")
    dimension = before.query.by[0] if before.query.by else COUNTED_DIMENSIONS.get(before.query.measures[0])
    if not is_bare or dimension is None:
        return reading
    order = Order(by=reading.query.measures[0], descending=not scan.has("least"))
    return replace(reading, query=replace(reading.query, by=(dimension,), order=order), singular=True)
