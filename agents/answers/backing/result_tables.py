"""The figures, names and years that are collected of a result, each figure with its kind and the names beside it; and
how tables are collected: columns with units, rows of names and figures, and two results side by side."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation

from pydantic import BaseModel

from agents.answers.backing.quantity import QuantityKind
from agents.answers.backing.visible_text import Name, split_name

MAX_VALUES = 12_000  # of one result; a result with more is read in part
MAX_EXPONENT = 30
PLAIN_UNIT = "plain"

TOTAL_UNITS = frozenset(("usd", "tokens", "requests"))

Unit = tuple[QuantityKind, Decimal]
"""The kind of a figure, and the factor that brings it to the unit of its kind."""

_UNITS: tuple[tuple[str, QuantityKind, Decimal], ...] = (
    ("usd", QuantityKind.MONEY, Decimal(1)),
    ("share", QuantityKind.SHARE, Decimal(1)),
    ("percent", QuantityKind.SHARE, Decimal("0.01")),
    ("ms", QuantityKind.TIME, Decimal(1)),
    ("requests", QuantityKind.REQUESTS, Decimal(1)),
    ("tokens", QuantityKind.TOKENS, Decimal(1)),
    ("ratio", QuantityKind.RATIO, Decimal(1)),
)

MAX_NAME = 200
_SIDES = ("before", "after", "change")
_NUMBER = re.compile(r"[-+]?\d{1,40}(?:\.\d{1,40})?(?:[eE][-+]?\d{1,2})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFigure:
    """A figure of a result. `names` are those of its row, `column` says which figures are of the same sort.

    `label` is a figure's own name, such as "Spend, gpt-4o". `is_sum`: of a whole column. `is_total`: its unit says
    that it is not of one request, user or token.
    """

    value: Decimal
    kind: QuantityKind
    names: tuple[Name, ...] = ()
    column: str = ""
    label: str = ""
    is_sum: bool = False
    is_total: bool = False

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

    def add_of_unit(
        self, value: object, unit: object, *, names: tuple[Name, ...] = (), column: str = "", label: str = ""
    ) -> None:
        """Add a value with a unit of workloads.query.measures, or of a tool's own, if it is a number."""
        number, (kind, factor) = to_number(value), read_unit_name(unit)
        if number is not None:
            figure = ResultFigure(value=number * factor, kind=kind, names=names, column=column, label=label)
            self.figures.append(replace(figure, is_total=str(unit) in TOTAL_UNITS))

    def add_count(self, count: int) -> None:
        """Add the number of items of a list, and of those beside its first one."""
        for each in {count, count - 1} - {0, 1, -1}:
            self.figures.append(ResultFigure(value=Decimal(each), kind=QuantityKind.COUNT))


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
    name = "" if unit == PLAIN_UNIT else str(unit or "").lower()
    for beginning, kind, factor in _UNITS:
        if name.startswith(beginning):
            return kind, factor
    return (QuantityKind.COUNT if name else QuantityKind.PLAIN), Decimal(1)


def collect_table(record: Mapping[str, object], path: str, found: CollectedResult) -> bool:
    """Collect a table whose columns have units. Returns whether it is one."""
    columns, rows = record["columns"], record.get("rows")
    if not isinstance(columns, Sequence) or isinstance(columns, str) or not isinstance(rows, Sequence):
        return False
    fields_of_columns = [dict(iter_fields(column)) for column in columns]
    if not all("unit" in each for each in fields_of_columns):
        return False
    units = [each["unit"] for each in fields_of_columns]
    title = str(record.get("title") or "")[:MAX_NAME]
    headings = [str(each.get("name") or "")[:MAX_NAME].replace(".", " ") for each in fields_of_columns]
    marks = [f"{path}.{title}.{place} {heading}" for place, heading in enumerate(headings)]
    found.add_count(len(rows))
    if "found" in record:  # the rows are single requests (workloads.query.requests)
        for requests in (record["found"], len(rows)):
            found.add(requests, (QuantityKind.REQUESTS, Decimal(1)))
    for row in rows:
        found.left -= len(units)
        if found.left < 0:
            break
        collect_row(row, units, marks, found)
    for key in ("total", "rest"):
        if isinstance(record.get(key), Sequence):
            measures = [unit for unit in units if unit]
            collect_row(record[key], measures, [""] * len(measures), found)
    return True


def collect_comparison(record: Mapping[str, object], path: str, found: CollectedResult) -> Mapping[str, object]:
    """Collect the groups of two results side by side (workloads.query.result), and return the rest."""
    columns = dict(iter_fields(record["before"])).get("columns")
    rows = dict(iter_fields(record["groups"])).get("rows")
    if not isinstance(columns, Sequence) or not isinstance(rows, Sequence):
        return record
    units = [getattr(column, "unit", None) for column in columns]
    sides = [(unit, side) for unit in units if unit for side in _SIDES]
    for row in rows:
        names = _list_names(row, units)
        found.left -= len(sides)
        if found.left < 0:
            break
        for cell, (unit, side) in zip(row[len(row) - len(sides) :], sides, strict=False):
            found.add_of_unit(cell, unit, names=names, label=side)
    return {key: item for key, item in record.items() if key != "groups"}


def collect_difference(record: Mapping[str, object], path: str, found: CollectedResult) -> Mapping[str, object]:
    """Collect a measure before and after, which has the unit of its column, and return the rest."""
    unit = getattr(record["column"], "unit", None)
    for side in _SIDES:
        found.add_of_unit(record.get(side), unit, label=side)
    return {key: item for key, item in record.items() if key not in (*_SIDES, "column")}


def collect_row(row: object, units: Sequence[object], marks: Sequence[str], found: CollectedResult) -> None:
    if not isinstance(row, Sequence) or isinstance(row, str):
        return
    names = _list_names(row, units)
    found.names.update(names)
    for cell, unit, mark in zip(row, units, marks, strict=False):
        if unit:
            found.add_of_unit(read_number_text(cell), unit, names=names, column=mark)
        elif isinstance(cell, date):
            found.years.add(cell.year)
        elif isinstance(cell, str):
            found.years.update(find_years(cell))


def _list_names(row: Sequence[object], units: Sequence[object]) -> tuple[Name, ...]:
    """Return the names among the cells of a row that have no unit."""
    names = [split_name(cell) for cell, unit in zip(row, units, strict=False) if not unit and isinstance(cell, str)]
    return tuple(name for name in names if name and not is_date_name(name))


def guess_row_units(row: Sequence[object], path: str) -> tuple[list[object], list[str]]:
    """Return what stands for the units and columns of a row of which nothing is known: its numbers are plain."""
    units: list[object] = ["" if isinstance(cell, str | date) or cell is None else PLAIN_UNIT for cell in row]
    return units, [f"{path}.{place}" for place in range(len(row))]


def iter_fields(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        yield from ((str(key), item) for key, item in value.items())
    elif isinstance(value, BaseModel):
        yield from value
    elif is_dataclass(value) and not isinstance(value, type):
        yield from ((each.name, getattr(value, each.name)) for each in fields(value))


def is_date_name(name: Name) -> bool:
    return len(name) >= 3 and len(name[0]) == 4 and all(token[:1].isdigit() for token in name)


def read_number_text(cell: object) -> object:
    """Return a number that JSON holds as a text as a number."""
    return Decimal(cell) if isinstance(cell, str) and _NUMBER.fullmatch(cell.strip()) else cell


def find_years(text: str) -> tuple[int, ...]:
    return (int(text[:4]),) if len(text) >= 10 and text[:4].isdecimal() and text[4] == "-" else ()
