"""Outlines with headings and models in one column, such as "Team / Model": the headings become a column of their own.

A heading is no model, and has no figures or those of all rows below it up to the next one."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import duckdb

from core.i18n.text import Text, text
from workloads.ingest.cell_contents import list_words, names_model
from workloads.ingest.column_names import normalize_name
from workloads.ingest.database import quote_literal
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.sums import has_request_fields
from workloads.ingest.reading.table import FileTable, quote_identifier
from workloads.ingest.reading.totals.outline_totals import MOST_ROWS, TableRow, find_totals, is_total_name
from workloads.ingest.reshaping.reshaped import Reshaped
from workloads.ingest.time_columns import are_days

_COUNTS: Final = ("requests", "input_tokens", "fresh_input_tokens", "cached_tokens", "output_tokens")
_NO_DIGIT: Final = re.compile(r"\D")
_OWNERS: Final[Mapping[str, frozenset[str]]] = {
    "customer": frozenset({"customer", "customers", "client", "clients", "kunde", "kunden", "cliente", "clientes"}),
    "user": frozenset({"user", "users", "member", "benutzer", "nutzer", "utilisateur", "usuario"}),
    "feature": frozenset({"feature", "app", "application", "workflow", "anwendung", "aplicacion"}),
    "provider": frozenset({"provider", "vendor", "anbieter", "fournisseur", "proveedor"}),
}
"""Words of a column's name that say what its headings are; else they are teams."""

_PROVIDERS: Final = frozenset({"openai", "anthropic", "google", "azure", "bedrock", "mistral", "cohere", "groq", "xai"})


def build_with_headings(con: duckdb.DuckDBPyConnection, table: FileTable, mapping: ColumnMapping) -> Reshaped | None:
    """Return the table with a column for the headings among its models; None for a table of another kind."""
    column = mapping.columns.get("model", "")
    if not mapping.format.is_guessed or column not in table.top_level or has_request_fields(mapping):
        return None
    counts = [mapping.columns[field] for field in _COUNTS if field in mapping.columns]
    wanted = {"label": column, **{f"count {place}": each for place, each in enumerate(counts)}}
    rows = con.execute(f"SELECT * FROM ({table.build_query(wanted)}) LIMIT {MOST_ROWS + 1}").fetchall()
    headings = find_headings(rows) if len(rows) <= MOST_ROWS else None
    if headings is None:
        return None
    field = _choose_field(column, [heading for heading, _ in headings])
    others = {normalize_name(each) for each in table.top_level if each != column}
    if (field if field != "date" else "time") in mapping.columns or not others.isdisjoint((field, "model")):
        return None
    # A heading or total has the requests of all its models, but it has a time.
    cells = [heading if is_part or field == "date" else None for heading, is_part in headings]
    return _build(table, column, field, cells)


def find_headings(rows: Sequence[Sequence[str | None]]) -> list[tuple[str, bool]] | None:
    """Return for each row, a label and its counts, the last heading, and whether the row is a part of what it heads;
    None if the table has no headings, or does not begin with one."""
    labels = [(row[0] or "").strip() for row in rows]
    if not labels or all(map(names_model, labels)) or names_model(labels[0]) or not any(map(names_model, labels)):
        return None
    figures = [tuple(_read_count(cell) for cell in row[1:]) for row in rows]
    table = [
        TableRow(row=place, counts=figure, names=(label or None,), indent=_measure_indent(row[0]))
        for place, (row, label, figure) in enumerate(zip(rows, labels, figures, strict=True))
        if any(figure)
    ]
    totals = find_totals(table)
    found: list[tuple[str, bool]] = []
    current = ""
    for place, label in enumerate(labels):
        is_part = names_model(label) or (place not in totals and any(figures[place]) and not is_total_name(label))
        if label and not is_part and not is_total_name(label):
            current = label
        found.append((current, is_part))
    return found if found[0][0] and len({heading for heading, _ in found}) > 1 else None


def _read_count(cell: str | None) -> int:
    digits = _NO_DIGIT.sub("", cell or "")
    return int(digits) if 0 < len(digits) <= 18 else 0


def _measure_indent(label: str | None) -> int:
    return len(label or "") - len((label or "").lstrip())


def _choose_field(column: str, headings: Sequence[str]) -> str:
    if are_days(headings):
        return "date"
    if {each.lower() for each in headings} <= _PROVIDERS:
        return "provider"
    words = list_words(column)
    return next((field for field, said in _OWNERS.items() if not words.isdisjoint(said)), "team")


def _build(table: FileTable, column: str, field: str, cells: Sequence[str | None]) -> Reshaped:
    names = {f"key {place}": each for place, each in enumerate(table.top_level)}
    place = list(table.top_level).index(column)
    query = table.build_query(names)
    shown = {**names, **({f"key {place}": "model"} if normalize_name(column) == field else {})}
    named = ", ".join(f"{quote_identifier(name)} AS {quote_identifier(each)}" for name, each in shown.items())
    values = ", ".join("NULL" if cell is None else quote_literal(cell) for cell in cells)
    sql = f"""SELECT {named}, ([{values}]::VARCHAR[])[place] AS {field}
        FROM (SELECT *, row_number() OVER () AS place FROM ({query})) ORDER BY place"""
    note = text('Headings in "{column}" were read as {field} of the rows below them.', column=column[:60], field=field)

    def describe(before: int, after: int) -> tuple[Text, ...]:
        return (note,)

    return Reshaped(query=sql, describe=describe)
