"""The figures, names and years of a run's results, arranged so that a number is looked up quickly."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from agents.answers.backing.collected import ResultFigure
from agents.answers.backing.names import Name, NameFinder, build_name_finder, split_name
from agents.answers.backing.quantity import QuantityKind, Range
from agents.answers.backing.result_figures import collect_result

MAX_CANDIDATES = 60  # of one number
MAX_ROWS_OF_NAME = 40
MAX_TOTALS = 4
SUMMED_KINDS = (QuantityKind.MONEY, QuantityKind.REQUESTS, QuantityKind.TOKENS)


@dataclass(frozen=True, slots=True)
class _Sorted:
    values: tuple[Decimal, ...]
    figures: tuple[ResultFigure, ...]

    def find(self, within: Range) -> tuple[ResultFigure, ...]:
        first, last = bisect_left(self.values, within.low), bisect_right(self.values, within.high)
        return self.figures[first : min(last, first + MAX_CANDIDATES)]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFigures:
    """`rows`: the figures that stand beside each name. `column_sums` are those of the columns of tables.

    `totals` are the figures of no row, where there are few of a kind.
    """

    by_kind: Mapping[QuantityKind, _Sorted]
    totals: Mapping[QuantityKind, tuple[ResultFigure, ...]]
    finder: NameFinder
    rows: Mapping[Name, tuple[ResultFigure, ...]]
    years: frozenset[int]
    column_sums: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))

    def find(self, kind: QuantityKind, within: Range) -> tuple[ResultFigure, ...]:
        """Return the figures of a kind whose size, without its sign, is within a range; at most MAX_CANDIDATES."""
        found = self.by_kind.get(kind)
        return found.find(within) if found else ()

    def get_totals(self, kind: QuantityKind) -> tuple[ResultFigure, ...]:
        """Return the figures of a kind that belong to no row, if they are few; otherwise none."""
        return self.totals.get(kind, ())


def build_known_figures(results: Iterable[object], extra: Sequence[ResultFigure] = ()) -> KnownFigures:
    """Return the figures of typed results, of answers' JSON, or of any JSON data. Reads a bounded part of them."""
    collected = [collect_result(result, number) for number, result in enumerate(results)]
    figures = [*extra, *(figure for each in collected for figure in each.figures)]
    names = {name for figure in figures for name in figure.names} | {name for each in collected for name in each.names}
    finder = build_name_finder(names)
    figures = [_add_names_of_label(figure, finder) for figure in figures]
    by_kind: dict[QuantityKind, list[ResultFigure]] = {}
    rows: dict[Name, list[ResultFigure]] = {}
    sums: dict[str, Decimal] = {}
    kinds: dict[str, QuantityKind] = {}
    counts = Counter(figure.column for figure in figures)
    for figure in figures:
        by_kind.setdefault(figure.kind, []).append(figure)
        if figure.column:
            sums[figure.column] = sums.get(figure.column, Decimal(0)) + figure.value
            kinds[figure.column] = figure.kind
        for name in figure.names:
            beside = rows.setdefault(name, [])
            if len(beside) < MAX_ROWS_OF_NAME:
                beside.append(figure)
    for column, value in sums.items():
        if counts[column] > 1 and kinds[column] in SUMMED_KINDS:
            by_kind[kinds[column]].append(ResultFigure(value=value, kind=kinds[column], is_sum=True))
    return KnownFigures(
        by_kind=MappingProxyType({kind: _sort(found) for kind, found in by_kind.items()}),
        totals=MappingProxyType({kind: _select_totals(found) for kind, found in by_kind.items()}),
        finder=finder,
        rows=MappingProxyType({name: tuple(found) for name, found in rows.items()}),
        years=frozenset(year for each in collected for year in each.years),
        column_sums=MappingProxyType(sums),
    )


def _select_totals(figures: Iterable[ResultFigure]) -> tuple[ResultFigure, ...]:
    values = {figure.value: figure for figure in figures if not figure.names and not figure.is_sum}
    return tuple(values.values()) if len(values) <= MAX_TOTALS else ()


def _sort(figures: Iterable[ResultFigure]) -> _Sorted:
    ordered = sorted(dict.fromkeys(figures), key=lambda figure: abs(figure.value))
    return _Sorted(tuple(abs(figure.value) for figure in ordered), tuple(ordered))


def _add_names_of_label(figure: ResultFigure, finder: NameFinder) -> ResultFigure:
    """Return a figure such as "Spend, gpt-4o" as one of gpt-4o."""
    if figure.names or not figure.label:
        return figure
    label = " ".join(split_name(figure.label))
    return figure.with_names(tuple(found.name for found in finder.find(label) if found.is_whole))
