"""The checks of each kind of concept, and what fails them: the parts of a question that its reading leaves out."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from agents.language.coverage.families import FAMILIES
from agents.language.coverage.traces import Traces, iter_readings
from agents.language.groups import COUNTS
from agents.language.lexicon import Lexicon, Span
from agents.language.named_measures import PER
from agents.language.phrases.changing import CHANGES, iter_changes
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.details.durations import DURATION
from agents.language.rules.details.owner_times import is_owner_over_time
from agents.language.scan import Scan
from agents.language.scope import NOT
from agents.language.tokens import Token
from core.i18n.text import text
from workloads.query.measures import MEASURES
from workloads.query.query import SHARE_OPERATORS, Query

FIGURES = frozenset({QuestionKind.MEASURE, QuestionKind.COMPARE})
"""Kinds of readings that show what they name, and nothing else."""

WHOLE_ROWS = frozenset({QuestionKind.REQUESTS, QuestionKind.EXPLAIN})
"""Kinds of readings that show all dimensions of what they are about."""

OF_DAYS = frozenset({QuestionKind.FORECAST, QuestionKind.ANOMALIES, QuestionKind.WHAT_IF})
"""Kinds of readings that look at days by themselves, or at a whole period."""

ANSWERED = FIGURES | WHOLE_ROWS | OF_DAYS

ASSUMED = frozenset({"requests", "overview"})
"""Measures whose words also say what is counted, listed or divided by."""

NOT_SUPPOSED = frozenset({"latency", "first_token", "failures", "error_rate"})
"""Measures of which a what-if says nothing."""

SPEEDS = frozenset({"fastest", "fast", "slowest", "slow"})
"""What grows "fastest" is not about latency."""

CLAUSES = frozenset({"and", "und", "et", "y"})
RATES = ("_per_request", "_per_thousand", "_per_million", "latency", "first_token", "_rate", "_share")
"""Parts of the names of measures that are of one request already."""


SAYING = frozenset({"measures", "dimensions", "grains", "statistics"})
"""Kinds of concepts that say which figure is wanted, and of what."""

SENTENCE_MARKS, SENTENCE_GAPS = frozenset("!?;"), frozenset((". ", ": "))
"""Tokens that end a sentence, and what stands between two sentences."""


def list_left_out(scan: Scan, reading: Reading) -> tuple[str, ...]:
    """Return the parts of the question that have no trace in the reading, as they were written, in order."""
    readings = tuple(iter_readings(reading))
    if any(each.kind not in ANSWERED or each.message is not None for each in readings):
        return ()
    traces = Traces(scan, readings)
    places = [(span.start, span.end) for span in scan.spans if not _has_trace(span, traces)]
    places += [(span.start, span.end) for span in traces.iter_repeated_ranks()]
    places += [(name.start, name.end) for name in scan.names if not traces.has_name(name)]
    places += [(time.first, time.last) for time in scan.times if not traces.has_period(time)]
    return tuple(dict.fromkeys(scan.quote(start, end) for start, end in sorted(set(places))))


def ask_about_unread(scan: Scan, reading: Reading) -> Reading:
    """Ask back where a word that was not understood may change what is wanted: "how many requests were embeddings?".

    Words that say nothing of a figure are among the lexicon's small words. Words of a sentence before the question, as
    in a story, are only said to be left out.
    """
    unknown = [scan.tokens[place] for place in _list_unknown_words(scan)]
    words = [token.raw for token in unknown if token.raw in reading.unread and _may_matter(token, scan.lexicon)]
    if reading.kind not in FIGURES | {QuestionKind.REQUESTS} or not words:
        return reading
    quoted = ", ".join(f"“{word}”" for word in words)
    message = text("I don't understand this: {words}. What would you like to know?", words=quoted)
    return Reading(
        kind=QuestionKind.CLARIFY, topic="unread", message=message, choices=_list_choices(reading), is_fragment=True
    )


def _may_matter(token: Token, lexicon: Lexicon) -> bool:
    """Whether an unknown word may be a name or a figure. Of German the nouns may; of other languages the grammar knows
    too few verbs to tell."""
    if token.text in NOT:
        return False
    return lexicon.language == "en" or (lexicon.language == "de" and token.is_capitalized)


def _list_unknown_words(scan: Scan) -> list[int]:
    """Return the places of unknown words in the sentence that asks: the one with the last question mark, else the last
    one with a known word."""
    marks = {place + 1 for place, token in enumerate(scan.tokens) if token.text in SENTENCE_MARKS}
    ends = sorted(marks | {place for place, token in enumerate(scan.tokens) if place and token.gap in SENTENCE_GAPS})
    known = max((span.start for span in scan.spans if span.concept.kind in SAYING), default=0)
    asked = [place for place, token in enumerate(scan.tokens) if token.text == "?"]
    known = asked[-1] - 1 if asked else known
    start = max((end for end in ends if end <= known), default=0)
    end = min((end for end in ends if end > known), default=len(scan.tokens))
    return [place for place in scan.unknown_words if start <= place < end]


def _list_choices(reading: Reading) -> tuple[str, ...]:
    """Return questions for figures of the groups that were understood."""
    thing = f" by {reading.query.by[0].replace('_', ' ')}" if reading.query.by else ""
    return tuple(f"{figure}{thing}" for figure in ("Spend", "Requests", "Error rate"))


def _has_trace(span: Span, traces: Traces) -> bool:
    check = CHECKS.get(span.concept.kind) or OPERATOR_CHECKS.get(span.concept.name)
    return check is None or check(span, traces)


def _has_measure(span: Span, traces: Traces) -> bool:
    name, kinds = span.concept.name, traces.kinds
    is_speed = name == "latency" and traces.scan.tokens[span.start].text in SPEEDS
    is_of_time = name == "latency" and any(each.topic == DURATION for each in traces.readings)  # "how long did it run?"
    if name in ASSUMED or is_of_time or (is_speed and not traces.operators.isdisjoint(("rise", "fall", "growth"))):
        return True
    if QuestionKind.EXPLAIN in kinds or (QuestionKind.WHAT_IF in kinds and name not in NOT_SUPPOSED):
        return True
    if name not in FAMILIES and name not in MEASURES:
        return True  # a word for several measures, which a rule chooses from
    parts = FAMILIES.get(name, (name,))
    if QuestionKind.REQUESTS in kinds:
        ordered = frozenset(each.order_by for each in traces.readings) | traces.fields
        is_ranked = not traces.operators.isdisjoint(("most", "least", "top"))
        return name == "spend" or not is_ranked or traces.has_word(parts, ordered)
    return traces.has_word(parts, traces.measures | traces.fields | traces.groups)


def _has_dimension(span: Span, traces: Traces) -> bool:
    name = span.concept.name
    if traces.kinds & WHOLE_ROWS or name not in traces.scan.vocabulary.dimensions:
        return True
    said = traces.groups | traces.fields | traces.names | traces.measures
    if name == "model" and "provider" in traces.names:
        return True  # "the models of Anthropic"
    return name in said or COUNTS.get(name) in said or traces.has_word((name,), traces.measures)


def _has_grain(span: Span, traces: Traces) -> bool:
    is_of_days = traces.is_over_time or traces.is_in_period or bool(traces.scan.times)
    parts = (f"_per_{span.concept.name}", "active_days")
    return is_of_days or bool(traces.kinds & (WHOLE_ROWS | OF_DAYS)) or traces.has_word(parts, traces.measures)


def _has_statistic(span: Span, traces: Traces) -> bool:
    if "not_this" in traces.operators or traces.kinds & WHOLE_ROWS:
        return True
    limits = [each.than for query in traces.queries for each in query.having]
    limits += [each.than for query in traces.queries for each in query.where]
    if any(query.statistics for query in traces.queries) or any(limits):
        return True
    if span.concept.name == "mean" and any(is_owner_over_time(query.by) for query in traces.queries):
        return True
    parts = (f"_{span.concept.name}",) if span.concept.name != "mean" else ("_mean", "_per_", "error_rate", "_share")
    return traces.has_word(parts, traces.measures)


def _is_ranked(_span: Span, traces: Traces) -> bool:
    is_said = any(each.reach is not None or each.premise for each in traces.readings)
    is_peak = traces.has_word(("_max", "requests_per", "tokens_per_minute"), traces.measures)
    return is_said or is_peak or bool(traces.kinds - {QuestionKind.MEASURE}) or any(map(_ranks, traces.queries))


def _ranks(query: Query) -> bool:
    limited = query.order is not None or query.limit or query.limit_each or query.limit_share or query.having
    is_listed = bool(query.by) and not query.statistics
    return bool(limited) or is_listed or any(each.operator in SHARE_OPERATORS for each in query.where)


def _is_share(span: Span, traces: Traces) -> bool:
    is_of_number = any(place in traces.numbers for place in range(span.start, span.end))
    is_said = any(each.is_ratio or each.contrast or each.reach is not None for each in traces.readings)
    is_part = any(query.shares or query.limit_share for query in traces.queries)
    is_other = bool(traces.kinds & {QuestionKind.WHAT_IF, QuestionKind.EXPLAIN, QuestionKind.FORECAST})
    return is_of_number or is_said or is_part or is_other or traces.has_word(("_rate", "_share"), traces.measures)


def _is_rate(span: Span, traces: Traces) -> bool:
    """Whether "per request" divides what is asked for."""
    is_rate = traces.scan.tokens[span.end - 1].text in PER and span.end in traces.one_request
    is_said = any(each.is_ratio or each.quotient for each in traces.readings) or traces.has_word(RATES, traces.measures)
    return not is_rate or is_said or not traces.kinds <= FIGURES


def _is_contrasted(_: Span, traces: Traces) -> bool:
    return any(each.contrast for each in traces.readings)


def _says_when(span: Span, traces: Traces) -> bool:
    is_asked = span.start == 0 or traces.scan.tokens[span.start - 1].text in CLAUSES
    return not is_asked or traces.is_over_time or bool(traces.kinds & (WHOLE_ROWS | OF_DAYS))


def _is_of_cache(_span: Span, traces: Traces) -> bool:
    return traces.has_word(("cache",), traces.measures | traces.fields) or bool(traces.kinds - {QuestionKind.MEASURE})


def _says_change(span: Span, traces: Traces) -> bool:
    """Whether "is growing" is read as a change, or is none: "more than" is a limit."""
    is_said = any(each.premise or each.series or each.contrast for each in traces.readings) or traces.is_over_time
    return is_said or bool(traces.kinds - {QuestionKind.MEASURE}) or span not in iter_changes(traces.scan)


def _says_why(_span: Span, traces: Traces) -> bool:
    is_told = any(query.by and (query.shares or query.measures[0] == "failures") for query in traces.queries)
    is_told = is_told or any(each.premise for each in traces.readings)
    return is_told or bool(traces.kinds & {QuestionKind.EXPLAIN, QuestionKind.ANOMALIES})


def _is_compared(_span: Span, traces: Traces) -> bool:
    is_listed = any(len(each.values) > 1 for query in traces.queries for each in query.where)
    is_listed = is_listed or any(query.having or query.statistics for query in traces.queries)
    is_other = bool(traces.kinds - {QuestionKind.MEASURE, QuestionKind.REQUESTS}) or bool(traces.groups)
    return is_other or is_listed or len(traces.readings) > 1 or any(each.contrast for each in traces.readings)


CHECKS: Mapping[str, Callable[[Span, Traces], bool]] = MappingProxyType(
    {"measures": _has_measure, "dimensions": _has_dimension, "grains": _has_grain, "statistics": _has_statistic}
)
"""By the kind of a concept."""

OPERATOR_CHECKS: Mapping[str, Callable[[Span, Traces], bool]] = MappingProxyType(
    {
        "why": _says_why,
        "when": _says_when,
        "share": _is_share,
        "ratio": _is_share,
        "times_as": _is_contrasted,
        "most": _is_ranked,
        "least": _is_ranked,
        "compare": _is_compared,
        "per": _is_rate,
        "caching": _is_of_cache,
        **dict.fromkeys(CHANGES, _says_change),
    }
)
