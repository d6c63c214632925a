"""Figures and names as people read them: $1,234.50, 31.4%, 1,509 requests, 2.3 s; names escaped for Markdown."""

from calendar import day_name
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from core.i18n.text import FormattedNumber, Text, Value
from workloads.query.measures import Unit
from workloads.query.result import Cell
from workloads.report.escaping import escape_name, escape_prose

NO_VALUE = "(none)"
SECOND_MS = 1_000
DECIMALS = ((Decimal(1), 2), (Decimal("0.01"), 4), (Decimal(0), 6))
"""Decimals of amounts of money, by the largest of them that stand side by side."""

CLOCKS = {"hour": "%Y-%m-%d %H:%M", "minute": "%Y-%m-%d %H:%M", "second": "%Y-%m-%d %H:%M:%S"}
"""How the start of a short period is written, by dimension."""


def format_figure(value: Cell, unit: str) -> FormattedNumber:
    """Return a number with its unit, rounded for reading; "unknown" for None."""
    if value is None or isinstance(value, str | date):
        return FormattedNumber("unknown" if value is None else str(value))
    number = Decimal(str(value))
    match unit:
        case _ if unit.startswith("usd"):
            return FormattedNumber(format_usd(number, is_rate=unit != Unit.USD))
        case Unit.SHARE:
            return FormattedNumber(f"{number * 100:,.1f}%")
        case Unit.MS:
            return FormattedNumber(_format_time(number))
        case Unit.RATIO | Unit.TOKENS_PER_REQUEST:
            return FormattedNumber(f"{number:,.3f}" if unit == Unit.RATIO else f"{number:,.0f}")
        case _:
            is_whole = number == number.to_integral() or abs(number) >= 1_000
            return FormattedNumber(f"{number:,.0f}" if is_whole else f"{number:,.2f}")


def format_json_cell(cell: str | float | None, unit: str) -> str:
    """Return a cell of a table in an answer's JSON (docs/answers.md): a FormattedNumber, or a name as it is."""
    if cell is None and not unit:
        return ""
    try:
        return format_figure(None if cell is None else Decimal(str(cell)), unit) if unit else str(cell)
    except InvalidOperation:
        return str(cell)


def format_json_rows(rows: Sequence[Sequence[str | float | None]], units: Sequence[str]) -> list[list[str]]:
    """Return the cells of a table in an answer's JSON; durations of a column have the unit of the longest."""
    columns = [_format_json_column([row[at] for row in rows], unit) for at, unit in enumerate(units)]
    return [[column[at] for column in columns] for at in range(len(rows))]


def format_aligned(values: Sequence[Decimal], unit: str) -> list[FormattedNumber]:
    """Return figures that stand side by side; amounts of money with as many decimals as the largest needs.

    An amount that would be rounded to 0 keeps two digits. The page does the same (answer/selectors/values.js).
    """
    if not unit.startswith(Unit.USD):
        return [format_figure(value, unit) for value in values]
    largest = max(map(abs, values), default=Decimal(0))
    decimals = next((digits for least, digits in DECIMALS if largest >= least), 6) if largest else 2
    return [FormattedNumber(_format_dollars(value, decimals)) for value in values]


def _format_dollars(value: Decimal, decimals: int) -> str:
    sign, size = ("-" if value < 0 else ""), abs(value)
    if size and size < Decimal("0.5").scaleb(-decimals):
        decimals = 1 - size.adjusted()
    return f"{sign}${size:,.{decimals}f}"


def _format_json_column(cells: Sequence[str | float | None], unit: str) -> list[str]:
    if unit.startswith(Unit.USD):
        known = [Decimal(str(cell)) for cell in cells if _is_number(cell)]
        shown = iter(format_aligned(known, unit))
        return [next(shown) if _is_number(cell) else format_json_cell(cell, unit) for cell in cells]
    if unit == Unit.MS and any(_is_long(cell) for cell in cells):
        return [
            FormattedNumber(f"{Decimal(str(c)) / 1000:,.2f} s") if _is_number(c) else format_json_cell(c, unit)
            for c in cells
        ]
    return [format_json_cell(cell, unit) for cell in cells]


def _format_seconds(cell: str | float | None) -> str:
    return FormattedNumber(f"{Decimal(str(cell)) / SECOND_MS:,.2f} s")


def _is_long(cell: str | float | None) -> bool:
    return _is_number(cell) and abs(Decimal(str(cell))) >= SECOND_MS


def _is_number(cell: str | float | None) -> bool:
    try:
        return cell is not None and Decimal(str(cell)).is_finite()
    except InvalidOperation:
        return False


def format_usd(amount: Decimal, *, is_rate: bool = False) -> str:
    """Return an amount in cents; small amounts and rates, such as the cost of a request, more exactly."""
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    if size and size < Decimal("0.01"):
        return f"{sign}${size:.6f}".rstrip("0")
    return f"{sign}${size:,.4f}" if size and size < (1 if is_rate else Decimal("0.1")) else f"{sign}${size:,.2f}"


def _format_time(milliseconds: Decimal) -> str:
    size = abs(milliseconds)
    if size >= 10_000:
        return f"{milliseconds / 1000:,.1f} s"
    return f"{milliseconds / 1000:,.2f} s" if size >= 1000 else f"{milliseconds:,.0f} ms"


def format_name(value: Cell, dimension: str) -> str:
    """Return a value of a dimension as people read it: weekdays by name, hours as 13:00."""
    if value is None:
        return NO_VALUE
    if dimension == "weekday" and isinstance(value, int):
        return day_name[value - 1]
    if dimension == "hour_of_day":
        return f"{value:02}:00"
    if isinstance(value, datetime):
        return value.strftime(CLOCKS[dimension]) if dimension in CLOCKS else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def escape_text(words: str) -> Text:
    """Return a text with all values that are neither our own texts nor numbers escaped.

    A name that would otherwise be taken for markup becomes a code span.
    """
    if not isinstance(words, Text):
        return Text("{words}", None, {"words": _escape(str(words))})
    return Text(words.template, words.plural, {name: _escape_value(value) for name, value in words.values.items()})


def _escape_value(value: Value) -> Value:
    if isinstance(value, Text):
        return escape_text(value)
    return _escape(value) if isinstance(value, str) and not isinstance(value, FormattedNumber) else value


def _escape(name: str) -> str:
    plain = escape_prose(name)
    return plain if plain == name or not name.strip() else str(escape_name(name))
