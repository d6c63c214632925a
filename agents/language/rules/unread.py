"""Words of a question that were not understood and are not taken into account, so that the answer can say so."""

from collections.abc import Iterator

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.talk import MAX_UNKNOWN_WORDS
from agents.language.scan import NumberSpan, is_content
from agents.language.tokens import Token

ANSWERED = frozenset(
    {
        QuestionKind.MEASURE,
        QuestionKind.COMPARE,
        QuestionKind.EXPLAIN,
        QuestionKind.WHAT_IF,
        QuestionKind.FORECAST,
        QuestionKind.ANOMALIES,
        QuestionKind.REQUESTS,
        QuestionKind.PERIOD,
    }
)
"""Kinds of questions that are answered with figures."""

COUNTING = frozenset({QuestionKind.MEASURE, QuestionKind.REQUESTS})
"""Kinds of which every number of the question is a limit, a condition or a part of a name."""

COMPARING = ("above", "below", "at_least", "at_most")


def list_unread(found: Findings, reading: Reading) -> tuple[str, ...]:
    """Return the words, numbers and comparisons that had no part in `reading`, as they were written.

    A question with more than MAX_UNKNOWN_WORDS unknown words tells a story, of which only the question matters.
    """
    scan = found.scan
    if reading.kind not in ANSWERED or len(scan.unknown_words) > MAX_UNKNOWN_WORDS:
        return ()
    tokens = ((place, scan.tokens[place]) for place in scan.unknown_words)
    places = {
        place: token.raw for place, token in tokens if is_content(token, scan.lexicon) and not _is_slip(found, token)
    }
    places |= {number.start: _quote(found, number.start, number.end) for number in _list_numbers(found, reading)}
    places |= dict(_iter_comparisons(found, reading))
    return tuple(places[place] for place in sorted(places))


def _is_slip(found: Findings, token: Token) -> bool:
    """Whether a word without a meaning of its own was mistyped: "waht" for "what"."""
    letters = sorted(token.text)
    return any(len(word) == len(letters) and sorted(word) == letters for word in found.scan.lexicon.stop)


def _list_numbers(found: Findings, reading: Reading) -> list[NumberSpan]:
    """Return the numbers in digits that are no limit, no part of a condition, and no claim."""
    readings = (reading, *reading.rest)
    if any(each.kind not in COUNTING for each in readings):
        return []
    used = {each.query.limit for each in readings} | {each.claimed for each in readings}
    used |= {each.query.limit_each for each in readings}
    return [
        number
        for number in found.scan.numbers
        if found.scan.tokens[number.start].text[:1].isdecimal()
        and number.value not in used
        and not _is_compared(found, number.start)
        and not _is_named(found, number.start)
    ]


def _iter_comparisons(found: Findings, reading: Reading) -> Iterator[tuple[int, str]]:
    """Yield comparisons with something that is neither a number nor a name: "more than average"."""
    if reading.kind not in COUNTING or reading.above_mean is not None:
        return
    for span in found.scan.iter_spans("operators"):
        after = [name for name in found.scan.names if name.start >= span.end]
        if span.concept.name in COMPARING and not _is_compared(found, span.start) and not after:
            end = min(span.end + 1, len(found.scan.tokens))
            yield span.start, _quote(found, span.start, end)


def _is_compared(found: Findings, place: int) -> bool:
    return any(each.start <= place < each.end for each in found.thresholds)


def _is_named(found: Findings, place: int) -> bool:
    return any(name.start <= place < name.end for name in found.scan.names)


def _quote(found: Findings, start: int, end: int) -> str:
    tokens = found.scan.tokens
    return found.scan.question[tokens[start].start : tokens[end - 1].end]
