"""The figures, names and years collected of a result, each figure with its kind and the names beside it."""

from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from agents.answers.backing.names import Name
from agents.answers.backing.quantity import QuantityKind

MAX_VALUES = 12_000  # of one result; a result with more is read in part
MAX_EXPONENT = 30
PLAIN_UNIT = "plain"

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFigure:
    """A figure of a result. `names` are those of its row, `column` says which figures are of the same sort.

    `label` is a figure's own name, such as "Spend, gpt-4o". `is_sum`: of a whole column.
    """

    value: Decimal
    kind: QuantityKind
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
