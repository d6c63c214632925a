"""Collect the figures of a tool's result: of a typed value, of a table with units, or of plain JSON data.

The names beside a figure are those of its row, so that a number can be told from that of another row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from pydantic import BaseModel

from agents.answers.backing.names import Name, split_name
from agents.answers.backing.quantities import find_quantities
from agents.answers.backing.quantity import Kind
from core.i18n.text import Figure, Text

MAX_VALUES = 12_000  # of one result; a result with more is read in part
MAX_DEPTH = 12
MAX_NAME = 200
MAX_EXPONENT = 30
Unit = tuple[Kind, Decimal]
"""The kind of a figure, and the factor that brings it to the unit of its kind."""

_UNITS: tuple[tuple[str, Kind, Decimal], ...] = (
    ("usd", Kind.MONEY, Decimal(1)),
    ("share", Kind.SHARE, Decimal(1)),
    ("percent", Kind.SHARE, Decimal("0.01")),
    ("ms", Kind.TIME, Decimal(1)),
    ("requests", Kind.REQUESTS, Decimal(1)),
    ("tokens", Kind.TOKENS, Decimal(1)),
    ("ratio", Kind.RATIO, Decimal(1)),
)
_FIELD_UNITS: tuple[tuple[re.Pattern[str], Kind, Decimal], ...] = (
    (re.compile(r"(?:^|_)percent(?:_|$)"), Kind.SHARE, Decimal("0.01")),
    (re.compile(r"(?:^|_)(?:share|rate|fraction)(?:_|$)"), Kind.SHARE, Decimal(1)),
    (re.compile(r"(?:^|_)ms$"), Kind.TIME, Decimal(1)),
    (re.compile(r"(?:^|_)(?:usd|cost|spend|saving)s?$"), Kind.MONEY, Decimal(1)),
    (re.compile(r"^(?:\w+_)?tokens$"), Kind.TOKENS, Decimal(1)),
    (re.compile(r"^(?:\w+_)?requests$"), Kind.REQUESTS, Decimal(1)),
)
_NUMBER = re.compile(r"[-+]?\d{1,40}(?:\.\d{1,40})?(?:[eE][-+]?\d{1,2})?")
_FIELD = re.compile(r"[a-z][a-z_]{0,60}")
_NO_NAMES = frozenset(("unit", "basis", "kind", "type", "sql", "formula", "title", "text", "description", "currency"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFigure:
    """A figure of a result. `names` are those of its row, `column` says which figures are of the same sort.

    `label` is a figure's own name, such as "Spend, gpt-4o". `is_sum`: of a whole column.
    """

    value: Decimal
    kind: Kind
    names: tuple[Name, ...] = ()
    column: str = ""
    label: str = ""
    is_sum: bool = False

    def with_names(self, names: tuple[Name, ...]) -> "ResultFigure":
        return replace(self, names=names)


@dataclass(slots=True)
class CollectedResult:
    """What was found in one result."""

    figures: list[ResultFigure] = field(default_factory=list)
    names: set[Name] = field(default_factory=set)
    years: set[int] = field(default_factory=set)
    left: int = MAX_VALUES

    def add(
        self, value: object, unit: Unit, *, names: tuple[Name, ...] = (), column: str = "", label: str = ""
    ) -> None:
        """Add a value if it is a number."""
        number, (kind, factor) = to_number(value), unit
        if number is not None:
            self.figures.append(ResultFigure(value=number * factor, kind=kind, names=names, column=column, label=label))

    def add_count(self, count: int) -> None:
        """Add the number of items of a list, and of those beside its first one."""
        for each in {count, count - 1} - {0, 1, -1}:
            self.figures.append(ResultFigure(value=Decimal(each), kind=Kind.COUNT))


def collect_result(result: object, number: int) -> CollectedResult:
    """Return the figures, names and years of a result; `number` tells its columns from those of other results."""
    found = CollectedResult()
    _collect(result, f"{number}", (), found, 0)
    return found


def to_number(value: object) -> Decimal | None:
    """Return a finite number as a Decimal; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= MAX_EXPONENT else None


def read_unit_name(unit: object) -> Unit:
    """Return the kind and the factor of a unit of workloads.query.measures, or of a tool's own."""
    name = str(unit or "").lower()
    for beginning, kind, factor in _UNITS:
        if name.startswith(beginning):
            return kind, factor
    return (Kind.COUNT if name else Kind.PLAIN), Decimal(1)


def _collect(value: object, path: str, names: tuple[Name, ...], found: CollectedResult, depth: int) -> None:
    found.left -= 1
    if found.left < 0 or depth > MAX_DEPTH:
        return
    if isinstance(value, Text):
        _collect_sentence(value, found)
    elif isinstance(value, date):
        found.years.add(value.year)
    elif isinstance(value, str):
        found.years.update(_find_year(value))
    elif to_number(value) is not None:
        found.add(value, _guess_unit(path), names=names, column=path)
    elif isinstance(value, Sequence | set | frozenset):
        found.add_count(len(value))
        for item in value:
            _collect(item, path, names, found, depth + 1)
    else:
        _collect_record(dict(_iter_fields(value)), path, names, found, depth)


def _collect_record(
    record: Mapping[str, object], path: str, names: tuple[Name, ...], found: CollectedResult, depth: int
) -> None:
    if "columns" in record and "rows" in record and _collect_table(record, path, found):
        record = {key: item for key, item in record.items() if key not in ("columns", "rows", "total", "rest")}
    if "value" in record and "unit" in record:
        label = str(record.get("name") or "")[:MAX_NAME]
        found.add(_read_number_text(record["value"]), read_unit_name(record["unit"]), label=label)
        return
    beside = (*names, *_find_names(record))[-8:]
    found.names.update(beside)
    for key, item in record.items():
        own = () if _FIELD.fullmatch(key) else (split_name(key),)
        found.names.update(own)
        _collect(item, f"{path}.{key if not own else '*'}", (*beside, *own), found, depth + 1)


def _collect_table(record: Mapping[str, object], path: str, found: CollectedResult) -> bool:
    """Collect a table whose columns have units. Returns whether it is one."""
    columns = record["columns"]
    if not isinstance(columns, Sequence) or isinstance(columns, str) or not isinstance(record["rows"], Sequence):
        return False
    fields_of_columns = [dict(_iter_fields(column)) for column in columns]
    if not all("unit" in each for each in fields_of_columns):
        return False
    units = [each["unit"] for each in fields_of_columns]
    title = str(record.get("title") or "")[:MAX_NAME]
    marks = [f"{path}.{title}.{place}" for place in range(len(units))]
    rows = record["rows"]
    found.add_count(len(rows))
    for row in rows:
        found.left -= len(units)
        if found.left < 0:
            break
        _collect_row(row, units, marks, found)
    for key in ("total", "rest"):
        if isinstance(record.get(key), Sequence):
            measures = [unit for unit in units if unit]
            _collect_row(record[key], measures, [""] * len(measures), found)
    return True


def _collect_row(row: object, units: Sequence[object], marks: Sequence[str], found: CollectedResult) -> None:
    if not isinstance(row, Sequence) or isinstance(row, str):
        return
    names = tuple(
        split_name(cell) for cell, unit in zip(row, units, strict=False) if not unit and isinstance(cell, str) and cell
    )
    names = tuple(name for name in names if name and not _is_date(name))
    found.names.update(names)
    for cell, unit, mark in zip(row, units, marks, strict=False):
        if unit:
            found.add(_read_number_text(cell), read_unit_name(unit), names=names, column=mark)
        elif isinstance(cell, date):
            found.years.add(cell.year)
        elif isinstance(cell, str):
            found.years.update(_find_year(cell))


def _collect_sentence(sentence: Text, found: CollectedResult) -> None:
    """Collect the numbers that one of our own sentences is made with. Other texts, as a log's, give no figures."""
    for value in sentence.values.values():
        found.left -= 1
        if isinstance(value, Text) and found.left > 0:
            _collect_sentence(value, found)
        elif isinstance(value, Figure):
            for quantity in find_quantities(value[:MAX_NAME], (), (), decimal_comma=False):
                middles = [(each.low + each.high) / 2 for each in quantity.ranges]
                found.figures += [ResultFigure(value=middle, kind=quantity.kind) for middle in middles]
        else:
            found.add(value, (Kind.PLAIN, Decimal(1)))


def _iter_fields(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        yield from ((str(key), item) for key, item in value.items())
    elif isinstance(value, BaseModel):
        yield from value
    elif is_dataclass(value) and not isinstance(value, type):
        yield from ((each.name, getattr(value, each.name)) for each in fields(value))


def _find_names(record: Mapping[str, object]) -> Iterator[Name]:
    for key, item in record.items():
        if isinstance(item, str) and not isinstance(item, Text) and key not in _NO_NAMES and 0 < len(item) <= MAX_NAME:
            name = split_name(item)
            if name and not _is_date(name):
                yield name


def _is_date(name: Name) -> bool:
    return len(name) >= 3 and len(name[0]) == 4 and all(token[:1].isdigit() for token in name)


def _guess_unit(path: str) -> Unit:
    key = path.rpartition(".")[2]
    for pattern, kind, factor in _FIELD_UNITS:
        if pattern.search(key):
            return kind, factor
    return Kind.PLAIN, Decimal(1)


def _read_number_text(cell: object) -> object:
    """Return a number that JSON holds as a text as a number."""
    return Decimal(cell) if isinstance(cell, str) and _NUMBER.fullmatch(cell.strip()) else cell


def _find_year(text: str) -> tuple[int, ...]:
    return (int(text[:4]),) if len(text) >= 10 and text[:4].isdecimal() and text[4] == "-" else ()
