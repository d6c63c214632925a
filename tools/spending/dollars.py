"""US dollars in a column, exact on every database."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models
from django.db.models.expressions import Combinable

PLACES = 12
"""Decimal places of a dollar. Price lists have up to six places, per million tokens."""
UNIT = Decimal(1).scaleb(-PLACES)
MAX_AMOUNT = Decimal(1_000_000)
"""The largest amount; the column can have sums of up to nine times as much."""


class DollarsField(models.BigIntegerField):  # type: ignore[type-arg]  # generic in its stubs only
    """A Decimal, stored as a whole number of millionths of a millionth of a dollar: SQLite's decimals are floats."""

    if TYPE_CHECKING:  # the types that the plugin of the stubs has for writing and reading
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
        defaults: dict[str, Any] = {
            "form_class": forms.DecimalField,
            "min_value": Decimal(0),
            "max_value": MAX_AMOUNT,
            "decimal_places": PLACES,
        }
        return models.Field.formfield(self, **defaults | options)


def to_column_units(amount: Decimal) -> int:
    """Return the column's value. Raises ValueError if it is not an amount or too large."""
    if not (amount.is_finite() and 0 <= amount <= MAX_AMOUNT):
        raise ValueError(f"{amount} is not an amount in US dollars from 0 to {MAX_AMOUNT}")
    return int(amount.quantize(UNIT).scaleb(PLACES))


def format_usd(amount: Decimal) -> str:
    """Format an amount for people and JSON: "0.0123", with at least two places and never an exponent."""
    plain = f"{amount:f}"
    whole, _, places = plain.partition(".")
    return f"{whole}.{places.rstrip('0'):0<2}"
