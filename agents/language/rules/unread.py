"""Parts of a question that are not understood: rules that ask back where it matters, so that nothing is dropped, and
the words that were not taken into account, so that the answer can say so."""

from collections.abc import Iterator
from decimal import Decimal

from agents.language.columns import KIND_WORDS, KINDS, OF
from agents.language.findings import Findings
from agents.language.limits import MAX_PERCENT, TIMES
from agents.language.phrases.bulk_prices import iter_bulk_prices
from agents.language.reading import QuestionKind, Reading, SupposedChange
from agents.language.rules.details.events import STATED
from agents.language.rules.details.own_words import list_own_words
from agents.language.rules.details.quotients import list_sizes
from agents.language.rules.details.uses import USE
from agents.language.rules.discounts import iter_other_nets
from agents.language.rules.talk import MAX_UNKNOWN_WORDS
from agents.language.scan import NumberSpan, Scan, is_content, is_slip
from agents.language.tokens import fold
from core.i18n.text import text
from workloads.query.query import SHARE_OPERATORS

MAX_AFTER_PER = 3
"""Words after "per" or "by" among which the dimension stands."""

MAX_TOKENS = 4

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
        QuestionKind.REQUEST_PARTS,
        QuestionKind.BUDGET,
        QuestionKind.SAVINGS,
    }
)
"""Kinds of questions that are answered with figures."""

WHOLE_CHANGES = frozenset({SupposedChange.MODEL, SupposedChange.BATCH, SupposedChange.NO_CACHE})
"""Changes of all requests that are named, never of a part."""

COUNTING = frozenset({QuestionKind.MEASURE, QuestionKind.REQUESTS})
"""Kinds of which every number of the question is a limit, a condition or a part of a name."""

CHANGED = frozenset({"changed", "verandert", "geandert", "change", "cambio"})
COMPARING = ("above", "below", "at_least", "at_most")


def read_unknown_group(found: Findings) -> Reading | None:
    """Say that the log has no such column: "spend by cost center"."""
    scan = found.scan
    if len(scan.unknown_words) > MAX_AFTER_PER:
        return None
    known = {place for span in scan.spans for place in range(span.start, span.end)}
    for span in scan.iter_spans("operators", "per"):
        after = range(span.end, min(span.end + MAX_AFTER_PER, len(scan.tokens)))
        unknown = next((place for place in after if place in scan.unknown_words), None)
        has_group = any(place in known or any(n.start <= place < n.end for n in scan.names) for place in after)
        if unknown is not None and not (has_group and found.groups) and not found.thresholds:
            words = " ".join(scan.tokens[place].raw for place in after if scan.tokens[place].is_word)
            message = text("The log has no column called “{name}”. A log with that column would show it.", name=words)
            return Reading(kind=QuestionKind.CANNOT, topic="dimension", message=message)
    return None


def read_bare_count(found: Findings) -> Reading | None:
    """How many? How many of what."""
    scan = found.scan
    if not scan.has("how_many", "details") or found.has_domain or scan.unknown_words or len(scan.tokens) > MAX_TOKENS:
        return None
    message = text("Of what? Name a figure, such as spend, requests, tokens or failed requests.")
    choices = ("How many requests are there?", "How many users are there?", "How many requests failed?")
    return Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices, is_fragment=True)


def read_unclear_supposition(found: Findings) -> Reading | None:
    """What if something changes that nothing is known about."""
    scan = found.scan
    is_if = scan.has("what_if") and bool(found.words & {"imagine", "suppose", "if", "wenn", "si"})
    if not is_if or scan.has("goal", "same_volume", "remove"):
        return None
    message = text("What should change: the model, the traffic, the prices, the length of answers, or batch?")
    choices = ("What if traffic doubled?", "What if prices rose by 10%?", "What if outputs were 20% shorter?")
    return Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices, is_fragment=True)


def list_unread(found: Findings, reading: Reading) -> tuple[str, ...]:
    """Return the words, numbers and comparisons that had no part in `reading`, as they were written.

    A question with more than MAX_UNKNOWN_WORDS unknown words tells a story, of which only the question matters.
    """
    scan = found.scan
    if reading.message is not None or reading.kind not in ANSWERED or len(scan.unknown_words) > MAX_UNKNOWN_WORDS:
        return ()
    tokens = ((place, scan.tokens[place]) for place in scan.unknown_words)
    places = {
        place: token.raw
        for place, token in tokens
        if is_content(token, scan.lexicon) and not is_slip(token, scan.lexicon) and not _is_in_limit(found, place)
    }
    own = list_own_words(reading)
    places = {place: word for place, word in places.items() if fold(word) not in own}
    counted = {span.end for span in scan.iter_spans("operators", "how_many")}  # "how many times did it fail"
    places = {place: word for place, word in places.items() if not (place in counted and fold(word) in TIMES)}
    places |= {number.start: found.scan.quote(number.start, number.end) for number in _list_numbers(found, reading)}
    if reading.topic != STATED:
        places |= dict(_iter_comparisons(found, reading))
    places |= dict(_iter_changes(found, reading))
    places |= {start: scan.quote(start, end) for start, end in _iter_parts_moved(found, reading)}
    places |= {start: scan.quote(start, end) for start, end in _iter_unforeseen(found, reading)}
    places |= {span.start: scan.quote(span.start, span.end) for span in iter_other_nets(found)}
    places |= {start: scan.quote(start, end) for start, end in _iter_kinds(scan)}
    return tuple(places[place] for place in sorted(places))


def _iter_kinds(scan: Scan) -> Iterator[tuple[int, int]]:
    """Yield "kinds of calls" where the log has no column that tells them."""
    for span in scan.iter_spans("measures", "requests"):
        start = span.start - KIND_WORDS
        if start >= 0 and scan.tokens[start].text in KINDS and scan.tokens[start + 1].text in OF:
            yield start, span.end


def _iter_parts_moved(found: Findings, reading: Reading) -> Iterator[tuple[int, int]]:
    """Yield "30%" and "half" of "what if 30% of it went to gpt-4o-mini?": all of the requests are supposed to."""
    if reading.supposition is None or reading.supposition.change not in WHOLE_CHANGES or reading.supposition.share < 1:
        return
    yield from ((each.start, each.end) for each in found.scan.numbers if each.is_percent)
    yield from ((span.start, span.end) for span in found.scan.iter_spans("fractions"))


def _iter_unforeseen(found: Findings, reading: Reading) -> Iterator[tuple[int, int]]:
    """Yield "10%" and "double" of a forecast that does not suppose them."""
    if reading.kind is not QuestionKind.FORECAST or reading.supposition is not None:
        return
    yield from ((each.start, each.end) for each in found.scan.numbers if each.is_percent)
    spans = (each for each in found.scan.iter_spans("operators") if each.concept.name in ("double", "triple", "halve"))
    yield from ((span.start, span.end) for span in spans)


def _is_in_limit(found: Findings, place: int) -> bool:
    """Whether a word stands within "more than ten times the average", which is named as a whole."""
    return any(each.start <= place < each.end for each in found.scan.statistic_limits)


def _list_numbers(found: Findings, reading: Reading) -> list[NumberSpan]:
    """Return the numbers in digits that are no limit, no part of a condition, and no claim."""
    readings = (reading, *reading.rest)
    if any(each.kind not in COUNTING for each in readings):
        return []
    used: set[Decimal | int | None] = set()
    bulk = list(iter_bulk_prices(found.scan))
    measured = {name for each in readings for name in each.query.measures}
    for each in readings:
        used.update((each.query.limit, each.query.limit_each, each.claimed))
        used.add(None if each.reach is None else each.reach * MAX_PERCENT)
        used |= list_sizes(each)
        used.add(None if each.query.limit_share is None else each.query.limit_share * MAX_PERCENT)
        used.add(each.goal_usd)
    return [
        number
        for number in found.scan.numbers
        if found.scan.tokens[number.start].text[:1].isdecimal()
        and number.value not in used
        and not _is_compared(found, number.start)
        and not _is_named(found, number.start)
        and not any(each.start <= number.start < each.end for each in bulk if each.measure in measured)
    ]


def _iter_changes(found: Findings, reading: Reading) -> Iterator[tuple[int, str]]:
    """Yield "what changed" and "since when" where no part of the answer says it."""
    readings = (reading, *reading.rest)
    if all(each.topic != USE for each in readings):
        yield from (
            (s.start, found.scan.quote(s.start, s.end)) for s in found.scan.iter_spans("operators", "since_when")
        )
    if all(each.kind is QuestionKind.MEASURE and not each.premise and not each.series for each in readings):
        for span in found.scan.iter_spans("operators", "change"):
            if found.scan.tokens[span.end - 1].text in CHANGED:
                yield span.start, found.scan.quote(span.start, span.end)


def _iter_comparisons(found: Findings, reading: Reading) -> Iterator[tuple[int, str]]:
    """Yield comparisons with something that is neither a number nor a name: "more than average"."""
    yield from _iter_unused_limits(found, reading)
    if reading.kind not in COUNTING or reading.goal_usd is not None:
        return
    for span in found.scan.iter_spans("operators"):
        after = [name for name in found.scan.names if name.start >= span.end]
        if span.concept.name in COMPARING and not _is_compared(found, span.start) and not after:
            end = min(span.end + 1, len(found.scan.tokens))
            yield span.start, found.scan.quote(span.start, end)


def _iter_unused_limits(found: Findings, reading: Reading) -> Iterator[tuple[int, str]]:
    """Yield "above average" and "the slowest 10%" where the answer is not about them."""
    scan, readings = found.scan, (reading, *reading.rest)
    queries = [*(each.query for each in readings), *(part.query for each in readings for part in each.parts)]
    limits = [each.than for query in queries for each in query.having]
    limits += [each.than for query in queries for each in query.where]
    if not any(limits):
        yield from ((each.start, scan.quote(each.start, each.end)) for each in scan.statistic_limits)
    share = scan.ranked_share
    is_used = any(
        query.limit_share or any(each.operator in SHARE_OPERATORS for each in query.where) for query in queries
    )
    if share is not None and not is_used:
        yield share.start, scan.quote(share.start, share.end)


def _is_compared(found: Findings, place: int) -> bool:
    return any(each.start <= place < each.end for each in found.thresholds)


def _is_named(found: Findings, place: int) -> bool:
    return any(name.start <= place < name.end for name in found.scan.names)
