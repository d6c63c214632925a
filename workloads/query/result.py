"""The result of a query: a table with units, its total, and how it was computed; and two results side by side."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from math import isfinite
from typing import Any

from core.exceptions import BadInput
from core.i18n.text import Text, text
from core.redaction import redact_text
from workloads.query.dimensions import DimensionKind
from workloads.query.measure import MissingMeasure, Unit
from workloads.query.query import Query

Cell = str | int | float | Decimal | datetime | date | None
"""A value of a table: names and dates of dimensions, figures of measures; None: no value, or unknown."""

MAX_NAME_LENGTH = 200
"""Characters of a name that are shown."""


def to_decimal(cell: Cell) -> Decimal:
    """Return a figure as a Decimal; an unknown one as 0. Raises ValueError for a name or a date."""
    if isinstance(cell, str | date):
        raise ValueError("not a figure")  # noqa: TRY004 - as documented
    return Decimal(0) if cell is None else cell if isinstance(cell, Decimal) else Decimal(str(cell))


def to_cell(value: Any) -> Cell:
    """Return a value of a row as it may be shown: no secrets, no endless names, no infinite figures."""
    if isinstance(value, str):
        name = redact_text(value)
        return name if len(name) <= MAX_NAME_LENGTH else f"{name[:MAX_NAME_LENGTH]}…"
    if isinstance(value, float) and not isfinite(value):
        return None
    cell: Cell = value
    return cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: of a dimension if `unit` is None, which then has a `kind`; else of a measure."""

    name: str
    title: Text
    unit: Unit | None = None
    kind: DimensionKind | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """How figures were computed: by `formula`, with the statement `sql` and its parameters `values`, from the requests
    that `query` is about. `private_filters`: among them are values that no remote model may get."""

    formula: Text
    sql: str
    values: tuple[Cell, ...]
    query: Query
    private_filters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows of a table. `private`: no remote model may get them. `withheld` says for each of the first columns whether
    its values are replaced in what such a model gets; empty: none is."""

    private: bool = False
    withheld: tuple[bool, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownValue:
    """A value of a filter that the log does not have in that field, and the most similar ones that it has."""

    field: str
    value: str
    private: bool
    nearest: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """The answer to a query.

    `rows` are the groups, `total` has the figures of all of them together, in the order of the measures, and `rest`
    those of the groups beyond the limit (None without one). `groups` is the number of all groups, `requests` that of
    the requests behind the answer (None: unknown). `sql` is the statement with its parameters `values`, `formulas`
    says how each measure is computed. `missing` are the measures that the log cannot give; they have no column.
    `unknown` explains an empty result. `private_filters`: the values of the filters are not for a remote model.
    """

    query: Query
    columns: tuple[Column, ...]
    listed: Rows
    total: tuple[Cell, ...]
    rest: tuple[Cell, ...] | None
    groups: int
    requests: int | None
    sql: str
    values: tuple[Cell, ...]
    formulas: tuple[Text, ...]
    missing: tuple[MissingMeasure, ...] = ()
    unpriced_requests: int | None = 0
    unknown: tuple[UnknownValue, ...] = field(default=())
    private_filters: bool = False

    @property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        return self.listed.rows

    @property
    def measures(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.unit is not None)

    @property
    def dimensions(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.unit is None)

    @property
    def derivations(self) -> tuple[Derivation, ...]:
        """How each measure was computed, in their order."""
        return tuple(
            Derivation(
                formula=formula,
                sql=self.sql,
                values=self.values,
                query=self.query,
                private_filters=self.private_filters,
            )
            for formula in self.formulas
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A measure before and after. `change` and `share` (of `before`) are None where a figure is unknown."""

    column: Column
    before: Cell
    after: Cell
    change: Decimal | None
    share: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two results, the differences of their totals, and their groups side by side.

    A row of `groups` has the dimensions, then for each measure its figure before and after and the change between them.
    A group that one of them does not list has no figures there.
    """

    before: QueryResult
    after: QueryResult
    differences: tuple[Difference, ...]
    groups: Rows


def compare_results(before: QueryResult, after: QueryResult) -> Comparison:
    """Return the comparison of two results. Raises BadInput if they have different columns."""
    if [column.name for column in before.columns] != [column.name for column in after.columns] or not before.columns:
        if missing := (*before.missing, *after.missing):
            raise BadInput(missing[0].why)
        raise BadInput(text("Only figures of the same measures and dimensions can be compared."))
    differences = tuple(
        _compare(column, old, new) for column, old, new in zip(before.measures, before.total, after.total, strict=False)
    )
    return Comparison(before=before, after=after, differences=differences, groups=_compare_groups(before, after))


def _compare(column: Column, old: Cell, new: Cell) -> Difference:
    change = _subtract(old, new)
    share = change / to_decimal(old) if change is not None and to_decimal(old) else None
    return Difference(column=column, before=old, after=new, change=change, share=share)


def _subtract(old: Cell, new: Cell) -> Decimal | None:
    return None if old is None or new is None else to_decimal(new) - to_decimal(old)


def _compare_groups(before: QueryResult, after: QueryResult) -> Rows:
    width = len(before.dimensions)
    if not width:
        return Rows()
    old, new = _index(before, width), _index(after, width)
    empty = (None,) * len(before.total)
    rows = []
    for key in dict.fromkeys((*new, *old)):
        pairs = zip(old.get(key, empty), new.get(key, empty), strict=True)
        rows.append((*key, *(cell for a, b in pairs for cell in (a, b, _subtract(a, b)))))
    listed = (before.listed, after.listed)
    private = any(each.private for each in listed)
    withheld = tuple(any(pair) for pair in zip_longest(*(each.withheld for each in listed), fillvalue=False))
    return Rows(private=private, withheld=withheld, rows=tuple(rows))


def _index(result: QueryResult, width: int) -> Mapping[tuple[Cell, ...], tuple[Cell, ...]]:
    return {row[:width]: row[width : width + len(result.total)] for row in result.rows}
