"""US dollars in a column, exact on every database."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from django.db.models.expressions import Combinable

PLACES = 12
"""Of a dollar. A price list's prices are given per million tokens with up to six."""
UNIT = Decimal(1).scaleb(-PLACES)
MAX_AMOUNT = Decimal(1_000_000)
"""Of one amount; a sum of them can be nine times as much."""


class DollarsField(models.BigIntegerField):  # type: ignore[type-arg]  # generic in its stubs only
    """A Decimal, kept as a whole number of millionths of a millionth of a dollar: SQLite's decimals are floats."""

    if TYPE_CHECKING:  # by these the stubs' plugin knows what is put in and got out
        _pyi_private_set_type: Decimal | int | str | Combinable  # type: ignore[assignment]
        _pyi_private_get_type: Decimal  # type: ignore[assignment]

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-PLACES).normalize() + 0

    def to_python(self, value: Any) -> Any:
        return value if value is None or isinstance(value, Decimal) else Decimal(str(value))

    def get_prep_value(self, value: Any) -> Any:
        # Expressions (F, Sum) pass through.
        return to_column_units(Decimal(value)) if isinstance(value, Decimal | int | str) else value

    def formfield(self, **options: Any) -> Any:
        mine = {
            "form_class": forms.DecimalField,
            "min_value": Decimal(0),
            "max_value": MAX_AMOUNT,
            "decimal_places": PLACES,
        }
        every: dict[str, Any] = mine | options
        return models.Field.formfield(self, **every)


def to_column_units(amount: Decimal) -> int:
    """As the column has it. Raises ValueError for what is not an amount that can be kept exactly."""
    if not (amount.is_finite() and 0 <= amount <= MAX_AMOUNT):
        raise ValueError(f"{amount} is not an amount: US dollars, from 0 to {MAX_AMOUNT}")
    return int(amount.quantize(UNIT).scaleb(PLACES))


def format_usd(amount: Decimal) -> str:
    """For people and JSON: "0.0123", never an exponent and at least two places."""
    plain = f"{amount:f}"
    whole, _, places = plain.partition(".")
    return f"{whole}.{places.rstrip('0'):0<2}"
