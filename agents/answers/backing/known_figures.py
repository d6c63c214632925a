"""The figures, names and years of a run's results, arranged so that a number is looked up quickly.

They are collected of typed values, of tables with units, and of plain JSON data. The names beside a figure are those of
its row, so that a number can be told from that of another row."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from agents.answers.backing.quantities import find_quantities
from agents.answers.backing.quantity import QuantityKind, Range
from agents.answers.backing.result_tables import (
    MAX_NAME,
    CollectedResult,
    ResultFigure,
    Unit,
    collect_comparison,
    collect_difference,
    collect_row,
    collect_table,
    find_years,
    guess_row_units,
    is_date_name,
    iter_fields,
    read_number_text,
    to_number,
)
from agents.answers.backing.visible_text import Name, NameFinder, build_name_finder, split_name
from core.i18n.text import FormattedNumber, Text

MAX_CANDIDATES = 60  # of one number
MAX_ROWS_OF_NAME = 40
MAX_TOTALS = 4
SUMMED_KINDS = (QuantityKind.MONEY, QuantityKind.REQUESTS, QuantityKind.TOKENS)

MAX_DEPTH = 12
_FIELD_UNITS: tuple[tuple[re.Pattern[str], QuantityKind, Decimal], ...] = (
    (re.compile(r"(?:^|_)percent(?:_|$)"), QuantityKind.SHARE, Decimal("0.01")),
    (re.compile(r"(?:^|_)(?:share|rate|fraction)(?:_|$)"), QuantityKind.SHARE, Decimal(1)),
    (re.compile(r"(?:^|_)ms$"), QuantityKind.TIME, Decimal(1)),
    (re.compile(r"(?:^|_)(?:usd|cost|spend|saving)s?$"), QuantityKind.MONEY, Decimal(1)),
    (re.compile(r"^(?:\w+_)?tokens$"), QuantityKind.TOKENS, Decimal(1)),
    (re.compile(r"^(?:\w+_)?requests$"), QuantityKind.REQUESTS, Decimal(1)),
    (re.compile(r"^(?:groups|rows|days|count)$"), QuantityKind.COUNT, Decimal(1)),
)
_AMOUNT = re.compile(r"before|after|whole_before|expected|low|high|known|amount|delta")
"""Fields that hold amounts of money, if their values are Decimals."""

_PERCENT: Unit = (QuantityKind.SHARE, Decimal("0.01"))
_PERCENT_FIELD = re.compile(r"\{(\w+)(?::[^{}]*)?\}[ \u00a0]?%")
_FIELD = re.compile(r"[a-z][a-z_]{0,60}")
_TABLE_FIELDS = frozenset(("columns", "rows", "listed", "total", "rest"))
_NO_NAMES = frozenset(("unit", "basis", "kind", "type", "sql", "formula", "title", "text", "description", "currency"))
_ECHOED = frozenset(("query", "shown", "arguments", "sql", "derivation", "derivations")) | frozenset(
    ("chart", "understood", "choices", "suggestions", "question")
)
_ECHOED_VALUES = frozenset(("value", "values"))
"""Fields that repeat what was asked for, which may be a model's own words: they back nothing. Values only in filters
and parameters of statements."""


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
            by_kind[kinds[column]].append(ResultFigure(value=value, kind=kinds[column], is_sum=True, is_total=True))
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


def collect_result(result: object, number: int) -> CollectedResult:
    """Return the figures, names and years of a result; `number` tells its columns from those of other results."""
    found = CollectedResult()
    _collect(result, f"{number}", (), found, 0)
    return found


def _collect(value: object, path: str, names: tuple[Name, ...], found: CollectedResult, depth: int) -> None:
    found.left -= 1
    if found.left < 0 or depth > MAX_DEPTH:
        return
    if isinstance(value, Text):
        _collect_sentence(value, found)
    elif isinstance(value, date):
        found.years.add(value.year)
    elif isinstance(value, str):
        found.years.update(find_years(value))
    elif to_number(value) is not None:
        found.add(value, _guess_unit(path, value), names=names, column=path)
    elif isinstance(value, Sequence | set | frozenset):
        found.add_count(len(value))
        for item in value:
            if isinstance(item, str) and not isinstance(item, Text) and len(item) <= MAX_NAME:
                found.names.add(split_name(item))
            if isinstance(item, list | tuple) and depth <= MAX_DEPTH:
                collect_row(item, *guess_row_units(item, path), found)
            else:
                _collect(item, path, names, found, depth + 1)
    else:
        _collect_record(dict(iter_fields(value)), path, names, found, depth)


def _collect_record(
    record: Mapping[str, object], path: str, names: tuple[Name, ...], found: CollectedResult, depth: int
) -> None:
    listed = dict(iter_fields(record.get("listed")))
    if "columns" in record and collect_table({**listed, **record}, path, found):
        record = {key: item for key, item in record.items() if key not in _TABLE_FIELDS}
    if "groups" in record and "before" in record:
        record = collect_comparison(record, path, found)
    if "column" in record and "before" in record:
        record = collect_difference(record, path, found)
    if "value" in record and "unit" in record:
        label = str(record.get("name") or "")[:MAX_NAME]
        found.add_of_unit(read_number_text(record["value"]), record["unit"], label=label)
        return
    beside = (*names, *_find_names(record))[-8:]
    found.names.update(beside)
    for key, item in record.items():
        if key in _ECHOED or (key in _ECHOED_VALUES and ("sql" in record or "field" in record)):
            continue
        own = () if _FIELD.fullmatch(key) else (split_name(key),)
        found.names.update(own)
        _collect(item, f"{path}.{key if not own else '*'}", (*beside, *own), found, depth + 1)


def _collect_sentence(sentence: Text, found: CollectedResult) -> None:
    """Collect the numbers that one of our own sentences is made with. Other texts, as a log's, give no figures."""
    for key, value in sentence.values.items():
        found.left -= 1
        if isinstance(value, Text) and found.left > 0:
            _collect_sentence(value, found)
        elif isinstance(value, FormattedNumber):
            for quantity in find_quantities(value[:MAX_NAME], (), (), decimal_comma=False):
                middles = [(each.low + each.high) / 2 for each in quantity.ranges]
                found.figures += [ResultFigure(value=middle, kind=quantity.kind) for middle in middles]
        else:
            found.add(value, _PERCENT if _is_percent(sentence.template, key) else (QuantityKind.PLAIN, Decimal(1)))


def _is_percent(template: str, key: str) -> bool:
    """Whether a sentence says that the number of this field is per cent: "{goal:g} % target"."""
    return any(match[1] == key for match in _PERCENT_FIELD.finditer(template))


def _find_names(record: Mapping[str, object]) -> Iterator[Name]:
    for key, item in record.items():
        if isinstance(item, str) and not isinstance(item, Text) and key not in _NO_NAMES and 0 < len(item) <= MAX_NAME:
            name = split_name(item)
            if name and not is_date_name(name):
                yield name


def _guess_unit(path: str, value: object) -> Unit:
    key = path.rpartition(".")[2]
    if isinstance(value, Decimal) and _AMOUNT.fullmatch(key):
        return QuantityKind.MONEY, Decimal(1)
    for pattern, kind, factor in _FIELD_UNITS:
        if pattern.search(key):
            return kind, factor
    return QuantityKind.PLAIN, Decimal(1)
