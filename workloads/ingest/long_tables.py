"""Tables with one kind of tokens a row, as of a provider's bill or of metrics: made one with a column for each kind.

Rows that agree in all else are joined. Kinds in a bill don't overlap: its input is what was not cached, unless it is
called the prompt's."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb

from core.exceptions import BadInput
from core.i18n.text import Text, plural_text, text
from workloads.ingest.cell_contents import classify_kind, holds_counts
from workloads.ingest.column_names import Examples, normalize_name
from workloads.ingest.database import fetch_int, quote_literal
from workloads.ingest.detection import FileKind, RawFile
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.preview import Preview, build_preview
from workloads.ingest.reading.table import FileTable, open_table, open_texts, quote_identifier

_MAX_KINDS: Final = 2_000
"""Different cells of the column of kinds, which may have models before the kinds."""

_AMOUNTS: Final = (
    *("tokens", "tokencount", "numtokens", "ntokens", "quantity", "qty", "usagequantity", "consumedquantity"),
    *("usageamount", "usage", "units", "volume", "menge", "anzahl", "quantite", "cantidad", "value", "wert"),
    *("metricvalue", "amount", "count", "total", "sum"),
)
"""Names of the column of counts, best first."""

_UNITS: Final = frozenset({"", "token", "tokens", "requests", "request", "count"})
_UNIT_NAMES: Final = ("unit", "units", "usageunit", "einheit")
_OTHERS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("requests", "requestcount", "numrequests", "apirequests", "calls", "invocations"), "requests"),
    **dict.fromkeys(("total", "totaltokens", "tokenstotal"), ""),  # they repeat the others
}
_MONEY: Final = re.compile(r"(?i)cost|price|spend|amount|usd|eur|kosten|preis|betrag|charge|rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCell:
    """What a cell of the column of kinds says: our column, "" for none, and the model before it, if there is one."""

    cell: str
    field: str
    model: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedTable:
    """A file with its table and mapping, and notes on what was joined."""

    raw: RawFile
    table: FileTable
    mapping: ColumnMapping
    notes: tuple[Text, ...] = ()


def open_mapped(
    con: duckdb.DuckDBPyConnection,
    raw: RawFile,
    target: Path,
    *,
    map_columns: Callable[[FileTable, Examples], ColumnMapping],
    on_preview: Callable[[Preview], None] | None,
) -> OpenedTable:
    """Open and map a file as it is; or, if that fails, as a table with one kind of tokens a row, joined in `target`."""
    table, examples = _open_shown(con, raw, on_preview)
    try:
        return OpenedTable(raw=raw, table=table, mapping=map_columns(table, examples))
    except BadInput:
        wide = _write_wide_table(con, table, examples, raw, target)
        if wide is None:
            raise
    raw, notes = wide
    table, examples = _open_shown(con, raw, on_preview)
    return OpenedTable(raw=raw, table=table, mapping=map_columns(table, examples), notes=notes)


def _open_shown(
    con: duckdb.DuckDBPyConnection, raw: RawFile, on_preview: Callable[[Preview], None] | None
) -> tuple[FileTable, Examples]:
    table = open_table(con, raw)
    preview = build_preview(con, table)
    if on_preview is not None:
        on_preview(preview)
    return open_texts(table, {column.name: column.examples for column in preview.columns})


def _write_wide_table(
    con: duckdb.DuckDBPyConnection, table: FileTable, examples: Examples, raw: RawFile, target: Path
) -> tuple[RawFile, tuple[Text, ...]] | None:
    """Write the table to `target` with a column for each kind of tokens. Returns that file and notes; None for a table
    of another kind."""
    columns = tuple(table.top_level)
    kinds = next((column for column in columns if _holds_kinds(examples.get(column, ()))), None)
    counts = [column for column in columns if column != kinds and holds_counts(examples.get(column, ()))]
    amount = _find_first(counts, _AMOUNTS)
    unit = _find_first([column for column in columns if column != amount], _UNIT_NAMES)
    if kinds is None or amount is None or not _are_units_plain(con, table, unit):
        return None
    meanings = _read_meanings(con, table, kinds)
    if meanings is None:
        return None
    keys = [column for column in columns if column not in (kinds, amount, unit) and not _is_measured(column, examples)]
    names = {f"key {place}": column for place, column in enumerate(keys)}
    query = table.build_query({"kind cell": kinds, "amount cell": amount, **names})
    _write_joined(con, query, names, meanings, target)
    if table.header_line and fetch_int(con, "SELECT count(*) FROM reject_errors"):
        return None  # whose tokens are in the lines that could not be read is unknown
    before = fetch_int(con, f"SELECT count(*) FROM ({query})")
    after = fetch_int(con, f"SELECT count(*) FROM read_parquet({quote_literal(str(target))})")
    return replace(raw, path=target, kind=FileKind.PARQUET), _describe(kinds, amount, before, after, meanings)


def _holds_kinds(cells: Sequence[str]) -> bool:
    filled = {cell.strip() for cell in cells if cell.strip()}
    fields = {_classify(cell) for cell in filled}
    return len(filled) > 1 and None not in fields and bool(fields - {"", "requests"})


def _classify(cell: str) -> str | None:
    kind = cell.rpartition(",")[2]
    other = _OTHERS.get(normalize_name(kind).replace(".", ""))
    return other if other is not None else classify_kind(kind)


def _find_first(columns: Sequence[str], names: Sequence[str]) -> str | None:
    by_name = {normalize_name(column).rpartition(".")[2]: column for column in reversed(columns)}
    return next((by_name[name] for name in names if name in by_name), None)


def _are_units_plain(con: duckdb.DuckDBPyConnection, table: FileTable, unit: str | None) -> bool:
    """Whether counts are in single tokens, as far as a column of units says."""
    if unit is None:
        return True
    cells = _read_different(con, table, unit)
    return cells is not None and all(cell.strip().lower() in _UNITS for cell in cells)


def _read_meanings(con: duckdb.DuckDBPyConnection, table: FileTable, kinds: str) -> tuple[KindCell, ...] | None:
    """Return what each cell means; None if one is unknown: its tokens would be lost."""
    cells = _read_different(con, table, kinds)
    fields = {cell: _classify(cell) for cell in cells or ()}
    if not fields or None in fields.values() or not {"input_tokens", "fresh_input_tokens"} & set(fields.values()):
        return None
    is_split = bool({"cached_tokens", "cache_write_tokens"} & set(fields.values()))
    return tuple(
        KindCell(
            cell=cell,
            field="fresh_input_tokens"
            if field == "input_tokens" and is_split and "prompt" not in cell.lower()
            else field,
            model=cell.rpartition(",")[0].strip() or None,
        )
        for cell, field in fields.items()
        if field is not None
    )


def _read_different(con: duckdb.DuckDBPyConnection, table: FileTable, column: str) -> tuple[str, ...] | None:
    """Return the different cells of a column; None if there are very many."""
    query = table.build_query({"cell": column})
    rows = con.execute(f"SELECT DISTINCT coalesce(cell, '') FROM ({query}) LIMIT {_MAX_KINDS + 1}").fetchall()
    return tuple(str(cell) for (cell,) in rows) if len(rows) <= _MAX_KINDS else None


def _is_measured(column: str, examples: Examples) -> bool:
    """Whether a column has amounts of money or other figures, in which the rows of a request differ."""
    cells = [cell for cell in examples.get(column, ()) if cell.strip()]
    is_number = bool(cells) and all(
        re.fullmatch(r"[-$€ ]{0,3}[\d.,]{1,40}(?: ?[€$%]| ?[A-Z]{3})?", cell) for cell in cells
    )
    return is_number and (_MONEY.search(column[:100]) is not None or normalize_name(column) in _AMOUNTS)


def _write_joined(
    con: duckdb.DuckDBPyConnection, query: str, names: Mapping[str, str], meanings: Sequence[KindCell], target: Path
) -> None:
    """Write the joined rows of the query in the order of the file; `names` are those of its other columns."""
    values = ", ".join(
        f"({quote_literal(one.cell)}, {quote_literal(one.field)}, "
        f"{'NULL' if one.model is None else quote_literal(one.model)})"
        for one in meanings
    )
    grouped = ", ".join([*map(quote_identifier, names), "kind_model"])
    fields = sorted({one.field for one in meanings if one.field})
    cells = [
        f"""coalesce(any_value("amount cell") FILTER (kind_field = '{field}'), '0') AS {field}""" for field in fields
    ]
    named = [f"{quote_identifier(name)} AS {quote_identifier(column)}" for name, column in names.items()]
    model = ["kind_model AS model"] if any(one.model for one in meanings) else []
    con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    con.execute(
        f"""COPY (
            WITH long AS (SELECT *, row_number() OVER () AS place FROM ({query})),
            known AS (SELECT * FROM (VALUES {values}) AS known(kind_cell, kind_field, kind_model)),
            numbered AS (
                SELECT *, row_number() OVER (PARTITION BY {grouped}, kind_field ORDER BY place) AS nth
                FROM long JOIN known ON coalesce(long."kind cell", '') = known.kind_cell WHERE kind_field <> '')
            SELECT {", ".join([*named, *model, *cells])} FROM numbered GROUP BY {grouped}, nth ORDER BY min(place)
        ) TO {quote_literal(str(target))} (FORMAT parquet)"""
    )


def _describe(kinds: str, amount: str, before: int, after: int, meanings: Sequence[KindCell]) -> tuple[Text, ...]:
    joined = plural_text(
        '"{kinds}" says which tokens "{amount}" counts, so rows that agree in all else were joined: {n:,} row of '
        "{before:,}.",
        '"{kinds}" says which tokens "{amount}" counts, so rows that agree in all else were joined: {n:,} rows of '
        "{before:,}.",
        n=after,
        kinds=kinds[:60],
        amount=amount[:60],
        before=before,
    )
    apart = next((one.cell for one in meanings if one.field == "fresh_input_tokens"), None)
    if apart is None:
        return (joined,)
    return joined, text('"{cell}" was read as input without cached tokens, as bills count it.', cell=apart[:60])
