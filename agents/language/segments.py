"""Scanning and reading a question, which may be several in one: "What did we spend, how many requests failed, and who
are the top 3 users?". Linear in the question's length."""

from collections.abc import Sequence
from dataclasses import replace

from agents.language.conversation import STARTERS, read_follow_up
from agents.language.corrections import correct_words
from agents.language.findings import COUNTED_DIMENSIONS
from agents.language.lexicon import Lexicon
from agents.language.names import find_columns, find_error_codes, find_listed_models, find_names, find_unknown_names
from agents.language.numbers import find_numbers
from agents.language.reading import QuestionKind, Reading
from agents.language.scan import Scan, is_content
from agents.language.times.calendar import LogDays
from agents.language.times.finder import find_times
from agents.language.times.time_words import build_time_words
from agents.language.tokens import Token, tokenize
from agents.language.turns import Turn
from agents.language.two_logs import spread_over_logs
from agents.language.vocabulary import NameSpan, Vocabulary
from workloads.query.query import Order

MAX_SEGMENTS = 4
CONDITIONS = frozenset({"since", "as", "if", "when", "because", "given", "wenn", "da", "si", "comme", "como"})
"""First words of a clause that is no question of its own."""

JOINTS = frozenset({"and", "und", "et", "y"})
SUBJECTS = ("measures", "dimensions", "grains", "statistics")


def scan_question(question: str, lexicon: Lexicon, vocabulary: Vocabulary, extent: LogDays) -> Scan:
    """Return what was found in `question`, of which tokens.MAX_CHARACTERS characters are read."""
    scan = Scan(question=question, tokens=tokenize(question), lexicon=lexicon, vocabulary=vocabulary)
    taken = [False] * len(scan.tokens)
    find_names(scan, taken)
    find_error_codes(scan, taken)
    find_listed_models(scan, taken)
    scan.times = list(find_times(build_time_words(scan.tokens, lexicon, extent, taken)))
    scan.names = [name for name in scan.names if not _is_in_time(scan, name)]
    for time in scan.times:
        taken[time.first : time.last] = [True] * (time.last - time.first)
    find_numbers(scan, taken)
    correct_words(scan, taken)
    columns = list(find_columns(scan, taken))
    scan.spans = sorted((*lexicon.find_spans(scan.tokens, taken), *columns), key=lambda span: span.start)
    find_unknown_names(scan, taken)
    covered = list(taken)
    for span in scan.spans:
        covered[span.start : span.end] = [True] * (span.end - span.start)
    scan.unknown_words = [i for i, token in enumerate(scan.tokens) if not covered[i] and is_content(token, lexicon)]
    return scan


def _is_in_time(scan: Scan, name: NameSpan) -> bool:
    """Whether a name only tells what happened then: "since we launched mail-writer on 3 May"."""
    return any(time.first <= name.start and name.end <= time.last for time in scan.times)


def read_segments(
    question: str, lexicon: Lexicon, vocabulary: Vocabulary, extent: LogDays, earlier: Sequence[Turn], *, logs: int = 1
) -> Reading:
    """Return what a question asks for; further questions in the same sentence are its `rest`."""
    scans = [scan_question(words, lexicon, vocabulary, extent) for words in split_questions(question)]
    if len(scans) < 2 or logs > 1 or not all(_asks_something(scan) for scan in scans) or _is_time_only(scans[0]):
        scan = scan_question(question, lexicon, vocabulary, extent)
        reading = read_follow_up(scan, extent, earlier)
        return spread_over_logs(reading, scan, extent) if logs > 1 else reading
    readings: list[Reading] = []
    for scan in scans:
        readings.append(_read_segment(scan, extent, readings, earlier))
    first, *others = readings
    return replace(first, rest=(*first.rest, *others))


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
    between = question[tokens[place - 1].end : tokens[place].start]
    return tokens[place - 1].text in JOINTS or any(sign in between for sign in ",;?") or tokens[place - 1].text == "?"


def _skip_joint_back(tokens: Sequence[Token], start: int, end: int) -> int:
    if end < len(tokens):
        while end - 1 > start and tokens[end - 1].text in (*JOINTS, "?"):
            end -= 1
    return end


def _asks_something(scan: Scan) -> bool:
    """Whether a part names anything itself, and does not speak of what was named before."""
    has_subject = any(True for kind in SUBJECTS for _ in scan.iter_spans(kind))
    return not scan.has("pronoun") and bool(has_subject or scan.times)


def _is_time_only(scan: Scan) -> bool:
    """Whether a part only says when: "Between 10 and 15 June, which feature cost most?"."""
    says_more = any(True for kind in SUBJECTS for _ in scan.iter_spans(kind)) or bool(scan.names)
    return not says_more and scan.tokens[0].text not in STARTERS


def _read_segment(scan: Scan, extent: LogDays, before: Sequence[Reading], earlier: Sequence[Turn]) -> Reading:
    """Return what a part asks for: by itself, or with what only the part before says."""
    if not before:
        return read_follow_up(scan, extent, earlier)
    is_whole = any(True for kind in ("measures", "dimensions", "grains") for _ in scan.iter_spans(kind))
    if not is_whole:
        return read_follow_up(scan, extent, [Turn(reading=before[-1])])
    return _rank_counted(read_follow_up(scan, extent, ()), scan, before[-1])


def _rank_counted(reading: Reading, scan: Scan, before: Reading) -> Reading:
    """Return the ranking of "How many teams do we have, and which is the cheapest?"."""
    is_bare = reading.kind is QuestionKind.MEASURE and not reading.query.by and scan.has("most", "least")
    dimension = before.query.by[0] if before.query.by else COUNTED_DIMENSIONS.get(before.query.measures[0])
    if not is_bare or dimension is None:
        return reading
    order = Order(by=reading.query.measures[0], descending=not scan.has("least"))
    return replace(reading, query=replace(reading.query, by=(dimension,), order=order), singular=True)
