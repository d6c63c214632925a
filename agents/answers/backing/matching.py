"""Match the figures of a text against those of a run's results: directly, or computed from two of them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from agents.answers.backing.known_figures import KnownFigures
from agents.answers.backing.quantities import MAX_QUANTITIES, find_quantities, split_parts, to_lower
from agents.answers.backing.quantity import Operand, Quantity, QuantityKind, can_be_derived
from agents.answers.backing.result_tables import ResultFigure
from agents.answers.backing.unread_sentences import find_unread_sentences
from agents.answers.backing.visible_text import (
    FoundName,
    Name,
    Parts,
    VisibleText,
    read_visible_text,
    split_clauses,
    split_sentences,
)

DECIMAL_COMMA_LANGUAGES = frozenset(("de", "fr", "es"))
MAX_STATED = 8  # figures of the same and the previous sentence that others may be computed from
MAX_NAMED = 6  # names of a sentence whose figures others may be computed from

_ONE, _HUNDRED, _THOUSAND = Decimal(1), Decimal(100), Decimal(1000)
_COMPATIBLE: Mapping[QuantityKind, tuple[tuple[QuantityKind, Decimal], ...]] = MappingProxyType(
    {
        QuantityKind.PLAIN: (
            *((kind, _ONE) for kind in QuantityKind if kind is not QuantityKind.OTHER_MONEY),
            (QuantityKind.SHARE, _ONE / _HUNDRED),
            (QuantityKind.TIME, _THOUSAND),
        ),
        QuantityKind.MONEY: ((QuantityKind.MONEY, _ONE), (QuantityKind.PLAIN, _ONE)),
        QuantityKind.OTHER_MONEY: (),
        QuantityKind.SHARE: ((QuantityKind.SHARE, _ONE), (QuantityKind.RATIO, _ONE), (QuantityKind.PLAIN, _ONE)),
        QuantityKind.TIME: (
            (QuantityKind.TIME, _ONE),
            (QuantityKind.PLAIN, _ONE),
            (QuantityKind.PLAIN, _ONE / _THOUSAND),
        ),
        QuantityKind.REQUESTS: ((QuantityKind.REQUESTS, _ONE), (QuantityKind.PLAIN, _ONE)),
        QuantityKind.TOKENS: ((QuantityKind.TOKENS, _ONE), (QuantityKind.PLAIN, _ONE)),
        QuantityKind.COUNT: ((QuantityKind.COUNT, _ONE), (QuantityKind.PLAIN, _ONE)),
        QuantityKind.RATIO: ((QuantityKind.RATIO, _ONE), (QuantityKind.SHARE, _ONE), (QuantityKind.PLAIN, _ONE)),
    }
)
"""Kinds of figures that a number of each kind can be, and the factor that brings the number to their unit."""

_UP = re.compile(
    r"\b(?:rose|risen|rises|rising|increased?|grew|grown|higher|more|up|stieg|gestiegen|mehr|hoher|augment\w{0,6}|hausse"
    r"|subi\w{0,3}|aument\w{0,6})\b"
)
_DOWN = re.compile(
    r"\b(?:fell|fallen|falls|dropped|decreased?|declined|lower|less|fewer|cheaper|down|sank|gesunken|fiel|gefallen|weniger"
    r"|baiss\w{0,4}|diminu\w{0,6}|baj\w{1,4}|disminu\w{0,6})\b"
)
_CHANGE = re.compile(r"change|difference|delta|growth", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnbackedNumber:
    """A number at `start` to before `end` of the source, as written, that no result of the run backs."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Context:
    """The text around its figures. `names` are the whole names by number of clause, `named` by number of sentence."""

    text: str
    clauses: Parts
    sentences: Parts
    names: Mapping[int, frozenset[Name]]
    named: Mapping[int, frozenset[Name]]

    def get_names(self, place: int) -> frozenset[Name]:
        """Return the names that a number at `place` is about: those of its clause, or else of its sentence."""
        return self.names.get(self.clauses.find(place)) or self.named.get(self.sentences.find(place), frozenset())

    def get_clause(self, place: int) -> str:
        number = self.clauses.find(place)
        starts = self.clauses.starts
        return self.text[starts[number] : starts[number + 1] if number + 1 < len(starts) else None]


def find_unbacked_numbers(text: str, known: KnownFigures, *, language: str = "en") -> tuple[UnbackedNumber, ...]:
    """Return the numbers of a Markdown text that are no result of the run, in order.

    A number is backed if a figure with its unit, rounded as written, is among the results, and belongs to a name of the
    same clause if it belongs to any. So is the sum, the difference, the ratio or the change of two such figures that
    the text states, of rows that it names, or of totals. Those beyond MAX_QUANTITIES are unbacked, and so are whole
    sentences of a language whose numbers in words are not read.
    """
    visible = read_visible_text(text)
    lower = to_lower(visible.text)
    decimal_comma = language in DECIMAL_COMMA_LANGUAGES
    names = list(known.finder.find(lower))
    quantities = find_quantities(visible.text, names, known.years, decimal_comma=decimal_comma)
    context = _build_context(lower, [name for name in names if name.is_whole])
    direct = [_find_direct(each, known, context) for each in quantities[:MAX_QUANTITIES]]
    stated = _collect_stated(quantities, direct, context)
    unbacked: list[UnbackedNumber] = []
    for place, quantity in enumerate(quantities):
        if place < MAX_QUANTITIES:
            if direct[place] or can_be_derived(quantity, _collect_operands(quantity, known, context, stated)):
                continue
            parts = split_parts(visible.text, quantity, decimal_comma=decimal_comma)
            if len(parts) > 1 and all(_find_direct(part, known, context) for part in parts):
                continue
        unbacked.append(_locate(visible, quantity.start, quantity.end, text))
    unread = [_locate(visible, *span, text) for span in find_unread_sentences(lower, context.sentences, names)]
    return _drop_overlaps([*unbacked, *unread])


def _locate(visible: VisibleText, start: int, end: int, source: str) -> UnbackedNumber:
    start, end = visible.to_source(start, end)
    return UnbackedNumber(start=start, end=end, text=source[start:end])


def _build_context(lower: str, names: Sequence[FoundName]) -> _Context:
    clauses, sentences = split_clauses(lower), split_sentences(lower)
    by_clause: dict[int, set[Name]] = {}
    by_sentence: dict[int, set[Name]] = {}
    for found in names:
        by_clause.setdefault(clauses.find(found.start), set()).add(found.name)
        by_sentence.setdefault(sentences.find(found.start), set()).add(found.name)
    return _Context(
        text=lower,
        clauses=clauses,
        sentences=sentences,
        names={number: frozenset(each) for number, each in by_clause.items()},
        named={number: frozenset(each) for number, each in by_sentence.items()},
    )


def _find_direct(quantity: Quantity, known: KnownFigures, context: _Context) -> tuple[ResultFigure, ...]:
    """Return the figures that the quantity can be."""
    names = context.get_names(quantity.start)
    found = [
        figure
        for kind, factor in _COMPATIBLE[quantity.kind]
        for within in quantity.ranges
        for figure in known.find(kind, within.scale(factor))
        if (not (names and figure.names) or names.intersection(figure.names)) and _has_sort(quantity, figure)
    ]
    if quantity.kind is QuantityKind.COUNT and not found:
        found = _count_names(quantity, names)
    return tuple(figure for figure in found if _has_direction(quantity, figure, context))


def _has_sort(quantity: Quantity, figure: ResultFigure) -> bool:
    """Whether the figure can be a share, or be of one request, if the quantity is.

    An amount or a count that has no unit is no percentage, though its digits may be the same; only a fraction can be.
    """
    if quantity.is_rate and figure.is_total:
        return False
    return quantity.kind is not QuantityKind.SHARE or figure.kind is not QuantityKind.PLAIN or abs(figure.value) <= 1


def _count_names(quantity: Quantity, names: frozenset[Name]) -> list[ResultFigure]:
    """Return the number of names beside the quantity, as in "the two models gpt-4o and o3"."""
    count = Decimal(len(names))
    is_count = any(each.low <= count <= each.high for each in quantity.ranges)
    return [ResultFigure(value=count, kind=QuantityKind.COUNT)] if names and is_count else []


def _has_direction(quantity: Quantity, figure: ResultFigure, context: _Context) -> bool:
    """Whether the text lets a change go the way that it goes: "fell by 5%" is not +5%."""
    if quantity.sign:
        return figure.value == 0 or (figure.value < 0) == (quantity.sign < 0)
    is_change = figure.value < 0 or _CHANGE.search(figure.label) or _CHANGE.search(figure.column.rpartition(".")[2])
    if not is_change or not figure.value:
        return True
    clause = context.get_clause(quantity.start)
    up, down = bool(_UP.search(clause)), bool(_DOWN.search(clause))
    return up == down or (down if figure.value < 0 else up)


def _collect_stated(
    quantities: Sequence[Quantity], direct: Sequence[tuple[ResultFigure, ...]], context: _Context
) -> Mapping[int, tuple[Operand, ...]]:
    """Return the figures that each sentence states, by its number."""
    stated: dict[int, list[Operand]] = {}
    for quantity, figures in zip(quantities, direct, strict=False):
        operands = stated.setdefault(context.sentences.find(quantity.start), [])
        operands += [_to_operand(figure) for figure in figures[:2] if len(operands) < MAX_STATED]
    return {number: tuple(each[:MAX_STATED]) for number, each in stated.items()}


def _collect_operands(
    quantity: Quantity, known: KnownFigures, context: _Context, stated: Mapping[int, tuple[Operand, ...]]
) -> list[Operand]:
    sentence = context.sentences.find(quantity.start)
    operands = [*stated.get(sentence, ()), *stated.get(sentence - 1, ())]
    operands += _iter_named_operands(known, sorted(context.named.get(sentence, ()))[:MAX_NAMED])
    for kind in {quantity.kind, *(each.kind for each in operands)}:
        operands += [
            Operand(float(figure.value), kind, figure.column, is_whole=True) for figure in known.get_totals(kind)
        ]
    return operands


def _iter_named_operands(known: KnownFigures, names: Sequence[Name]) -> Iterator[Operand]:
    """Yield the figures of named rows, the sums of several, and the totals of their columns."""
    sums: dict[str, tuple[float, int]] = {}
    kinds: dict[str, QuantityKind] = {}
    for name in names:
        for figure in known.rows.get(name, ())[:4]:
            if figure.column:
                value, count = sums.get(figure.column, (0.0, 0))
                sums[figure.column], kinds[figure.column] = (value + float(figure.value), count + 1), figure.kind
            yield _to_operand(figure)
    for column, (value, count) in sums.items():
        yield Operand(float(known.column_sums[column]), kinds[column], column, is_whole=True)
        if count > 2:
            yield Operand(value, kinds[column], column)
            yield Operand(0.0, kinds[column], column)  # so that the sum by itself is one of two figures


def _to_operand(figure: ResultFigure) -> Operand:
    return Operand(float(figure.value), figure.kind, figure.column)


def _drop_overlaps(numbers: Sequence[UnbackedNumber]) -> tuple[UnbackedNumber, ...]:
    kept: list[UnbackedNumber] = []
    for number in sorted(numbers, key=lambda each: (each.start, -each.end)):
        if not kept or number.start >= kept[-1].end:
            kept.append(number)
    return tuple(kept)
