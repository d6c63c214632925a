"""The result of a query: a table with units, its total, and how it was computed."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from core.i18n.text import Text
from workloads.query.measure import MissingMeasure, Unit

Cell = str | int | float | Decimal | date | datetime | None
"""A value of a table: names and dates of dimensions, figures of measures; None: no value, or unknown."""


def to_decimal(cell: Cell) -> Decimal:
    """Return a figure as a Decimal; an unknown one as 0. Raises ValueError for a name or a date."""
    if isinstance(cell, str | date):
        raise ValueError("not a figure")  # noqa: TRY004 - as documented
    return Decimal(0) if cell is None else cell if isinstance(cell, Decimal) else Decimal(str(cell))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: of a dimension if `unit` is None, else of a measure."""

    name: str
    title: Text
    unit: Unit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryResult:
    """The answer to a query.

    `rows` are the groups, `total` has the figures of all of them together, in the order of the measures, and `rest`
    those of the groups beyond the limit (None without one). `groups` is the number of all groups, `requests` that of
    the requests behind the answer (None: unknown). `sql` is the statement with its parameters `values`, `formulas`
    says how each measure is computed. `missing` are the measures that the log cannot give; they have no column.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...]
    rest: tuple[Cell, ...] | None
    groups: int
    requests: int | None
    sql: str
    values: tuple[Cell, ...]
    formulas: tuple[Text, ...]
    missing: tuple[MissingMeasure, ...] = ()
    unpriced_requests: int | None = 0

    @property
    def measures(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.unit is not None)

    @property
    def dimensions(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if column.unit is None)
