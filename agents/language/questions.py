"""The grammar's entry: what a question about a log asks for, as typed data. No language model, no access to the log.

    grammar = load_grammar()                                 # once for each process
    models = fold_models(list_known_models())                # once for each process
    known = build_known_logs([description], models)          # once for each log
    reading = read_question(question, grammar, known, earlier=turns, zone="Europe/Berlin")
    calls = list_calls(reading)                              # agents.answers.calls: the tools to call, in order
    answer = compose_answer(reading, results)                # agents.answers.composition: one result for each call
    turns = (*turns, build_turn(reading, results))           # agents.answers.calls: the context of the next question

`read_question` takes milliseconds and is linear in the question's length: run it off the event loop. `dump_turn` and
`load_turn` (agents.language.reading) turn a Turn into JSON data and back, so that it can be recorded as a step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType

from agents.language.lexicon import LANGUAGES, Lexicon, build_lexicon, detect_language, read_words
from agents.language.reading import Reading, Turn
from agents.language.rules.discounts import settle_basis
from agents.language.segments import read_segments
from agents.language.times.calendar import LogDays
from agents.language.tokens import tokenize
from agents.language.vocabulary import Vocabulary, build_vocabulary, fold_models
from workloads.pricing.price_list import list_known_models
from workloads.query.values import LogDescription

MAX_TURNS = 20
"""Earlier questions that are looked at."""

UNDATED = LogDays(date(2000, 1, 3), date(2000, 1, 9), is_dated=False)
"""Stands for the extent of a log without dates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The words of each language alone, by which a question's language is recognised, and together with English."""

    own: Mapping[str, Lexicon]
    combined: Mapping[str, Lexicon]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLogs:
    """The names of the logs that are asked about together, the extent of each, and that of all of them; the ISO date of
    the price list, empty if it gives no price of theirs; the user's discounts in percent; whether any has money;
    whether rows of any sum up requests; and the measures that none of them can give."""

    vocabulary: Vocabulary
    extents: tuple[LogDays, ...]
    extent: LogDays
    list_date: str = ""
    discounts: tuple[Decimal, ...] = ()
    has_prices: bool = True
    has_sums: bool = False
    missing: frozenset[str] = frozenset()


def load_grammar() -> Grammar:
    words = {language: read_words(language) for language in LANGUAGES}
    own = {language: build_lexicon(words[language]) for language in LANGUAGES}
    combined = {
        language: build_lexicon(*(words[each] for each in dict.fromkeys((language, "en")))) for language in LANGUAGES
    }
    return Grammar(own=MappingProxyType(own), combined=MappingProxyType(combined))


def build_known_logs(
    descriptions: Sequence[LogDescription], listed_models: Mapping[tuple[str, ...], str] = MappingProxyType({})
) -> KnownLogs:
    """Return what a question can name. `listed_models` are the price list's, by their tokens."""
    values: dict[str, dict[str, None]] = {}
    for description in descriptions:
        for dimension, names in description.values.items():
            values.setdefault(dimension, {}).update(dict.fromkeys(names))
    kept: dict[str, dict[str, None]] = {}
    for description in descriptions:
        for dimension, names in description.kept_values.items():
            kept.setdefault(dimension, {}).update(dict.fromkeys(names))
    extents = tuple(
        LogDays(each.first, each.last) if each.first and each.last else UNDATED for each in descriptions
    ) or (UNDATED,)
    dated = [each for each in extents if each.is_dated]
    whole = LogDays(min(each.first for each in dated), max(each.last for each in dated)) if dated else UNDATED
    listed = max((each.list_date for each in descriptions), default="")
    makers = _list_makers(descriptions)
    return KnownLogs(
        vocabulary=build_vocabulary(values, listed_models, kept, _list_columns(descriptions), makers),
        extents=extents,
        extent=whole,
        list_date=listed,
        discounts=tuple(dict.fromkeys(each for description in descriptions for each in description.discounts)),
        has_sums=any(each.sums for each in descriptions),
        missing=frozenset.intersection(*(frozenset(m.measure for m in each.missing) for each in descriptions))
        if descriptions
        else frozenset(),
        has_prices=not descriptions or any("spend" in description.measures for description in descriptions),
    )


def _list_columns(descriptions: Sequence[LogDescription]) -> dict[str, str]:
    return {column: name for description in reversed(descriptions) for column, name in description.columns.items()}


def _list_makers(descriptions: Sequence[LogDescription]) -> dict[str, tuple[str, ...]]:
    makers: dict[str, dict[str, None]] = {}
    for description in descriptions:
        for maker, models in description.makers:
            makers.setdefault(maker, {}).update(dict.fromkeys(models))
    return {maker: tuple(models) for maker, models in makers.items()}


def read_question(
    question: str,
    grammar: Grammar,
    known: KnownLogs,
    *,
    earlier: Sequence[Turn] = (),
    zone: str = "",
    language: str | None = None,
) -> Reading:
    """Return what `question` asks for, in the context of the conversation's earlier turns, the oldest one first.

    `zone` is the time zone in which periods are meant; empty for the log's own. `language` is recognised if it is
    None or not one of the grammar's; where words leave it open, it is that of the question before.
    """
    spoken = language or ""
    if spoken not in grammar.own:
        usual = earlier[-1].reading.language if earlier else ""
        spoken = detect_language(tokenize(question), grammar.own, usual or "en")
    lexicon = grammar.combined[spoken]
    reading = read_segments(
        question, lexicon, known.vocabulary, known.extent, earlier[-MAX_TURNS:], logs=len(known.extents)
    )
    return replace(set_zone(settle_basis(reading, known.discounts), zone), language=spoken)


def set_zone(reading: Reading, zone: str) -> Reading:
    """Return the reading with all its queries in a time zone."""
    return replace(
        reading,
        query=replace(reading.query, zone=zone),
        parts=tuple(replace(part, query=replace(part.query, zone=zone)) for part in reading.parts),
        rest=tuple(set_zone(each, zone) for each in reading.rest),
    )


@dataclass(frozen=True)
class QuestionReader:
    """Reads questions about logs. What it needs is loaded once, when it is first needed, and never changes."""

    def know(self, logs: Sequence[LogDescription]) -> KnownLogs:
        """Return what a question about these logs can name."""
        return build_known_logs(logs, self._listed_models)

    def read(self, ask: str, known: KnownLogs, earlier: Sequence[Turn], zone: str) -> Reading:
        """Return what the question asks for, as a follow-up to `earlier` ones, with periods in a time zone.

        It takes milliseconds and is linear in the question's length: call it off the event loop.
        """
        return read_question(ask, self._grammar, known, earlier=earlier, zone=zone)

    def detect(self, ask: str) -> str:
        """Return the language of a question, one of those that the grammar has; English if it is unclear."""
        return detect_language(tokenize(ask), self._grammar.own)

    def load(self) -> None:
        """Load everything now, which would otherwise delay the first question."""
        _ = (self._grammar, self._listed_models)

    @cached_property
    def _grammar(self) -> Grammar:
        return load_grammar()

    @cached_property
    def _listed_models(self) -> Mapping[tuple[str, ...], str]:
        return fold_models(list_known_models())
