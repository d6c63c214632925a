"""Tables with a column for each day, month or other period: made one with a row per period."""

from collections.abc import Sequence
from typing import Final

from core.i18n.text import Text, plural_text
from workloads.ingest.cell_contents import names_model
from workloads.ingest.column_names import Examples, format_names, normalize_name
from workloads.ingest.database import quote_literal
from workloads.ingest.reading.table import FileTable, quote_identifier
from workloads.ingest.reading.totals.outline_totals import is_total_name
from workloads.ingest.reshaping.reshaped import Reshaped
from workloads.ingest.time_columns import are_days

_MAX_NAME: Final = 40
_FEWEST: Final = 2
_MOST: Final = 1_000
_VALUE: Final = "tokens"


def build_by_period(table: FileTable, examples: Examples) -> Reshaped | None:
    """Return the table with a row for each period that is the name of a column; None if it has no such columns.

    What is counted stands in another column ("Metric"), so that only what names a kind of tokens is read further."""
    periods = [column for column in table.top_level if _is_period(column, examples)]
    others = [column for column in table.top_level if column not in periods]
    names = {normalize_name(column) for column in others}
    if not _FEWEST <= len(periods) <= _MOST or not names.isdisjoint(("date", _VALUE)):
        return None
    keys = [column for column in others if not is_total_name(column)]

    def describe(before: int, after: int) -> tuple[Text, ...]:
        return _describe(before, after, periods)

    return Reshaped(query=_build_query(table, keys, periods), describe=describe)


def _is_period(column: str, examples: Examples) -> bool:
    has_figures = all(any(map(str.isdigit, cell)) for cell in examples.get(column, ()))
    return len(column) <= _MAX_NAME and are_days([column]) and has_figures and not names_model(column)


def _build_query(table: FileTable, keys: Sequence[str], periods: Sequence[str]) -> str:
    names = {f"key {place}": column for place, column in enumerate(keys)}
    cells = {f"period {place}": column for place, column in enumerate(periods)}
    named = ", ".join(f"{quote_identifier(name)} AS {quote_identifier(column)}" for name, column in names.items())
    days = ", ".join(map(quote_literal, periods))
    values = ", ".join(map(quote_identifier, cells))
    query = table.build_query({**names, **cells})
    return f"""WITH numbered AS (SELECT *, row_number() OVER () AS place FROM ({query})),
        split AS (SELECT *, unnest([{days}]) AS period, unnest([{values}]) AS value,
            generate_subscripts([{days}], 1) AS nth FROM numbered)
        SELECT period AS date, NULL::VARCHAR AS period_end, {f"{named}, " if named else ""}value AS {_VALUE}
        FROM split WHERE nullif(trim(value), '') IS NOT NULL ORDER BY nth, place"""


def _describe(before: int, after: int, periods: Sequence[str]) -> tuple[Text, ...]:
    return (
        plural_text(
            "The table has a column for each period ({periods}), so {n:,} row was made of its {before:,}.",
            "The table has a column for each period ({periods}), so {n:,} rows were made of its {before:,}.",
            n=after,
            before=before,
            periods=format_names(periods, most=3),
        ),
    )
