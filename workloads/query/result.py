"""The result of a query: a table with units, its total, and how it was computed."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from core.i18n.text import Text
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
