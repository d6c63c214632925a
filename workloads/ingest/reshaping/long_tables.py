"""Tables with one kind of tokens a row, as of a provider's bill, of metrics or of transactions: made one with a column
for each kind.

Rows that agree in all else are joined. Kinds in a bill don't overlap: its input is what was not cached, unless it is
called the prompt's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import duckdb

from core.i18n.text import Text, plural_text, text
from workloads.ingest.column_names import Examples
from workloads.ingest.database import fetch_int, quote_literal
from workloads.ingest.reading.table import FileTable, quote_identifier
from workloads.ingest.reshaping.long_columns import LongColumns, classify_cell, find_long_columns
from workloads.ingest.reshaping.reshaped import Reshaped

_MAX_KINDS: Final = 2_000
"""Different cells of the column of kinds, which may have models before the kinds."""

_UNITS: Final = frozenset({"", "token", "tokens", "requests", "request", "count"})
_INPUT: Final = ("input_tokens", "fresh_input_tokens")
_CACHED: Final = ("cached_tokens", "cache_write_tokens")
_AMOUNT: Final = "ltrim(trim(\"amount cell\"), '- ')"
"""SQL for a count. Those of transactions are negative, because they are taken from a balance."""

_PAIRED_NOTE: Final = text(
    "The rows of a request have times of their own, so each row of one kind was joined with the next of the others."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCell:
    """What a cell of the column of kinds says: our column, "" for none, and the model before it, if there is one."""

    cell: str
    field: str
    model: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LongRows:
    """SQL for the rows of the file, each with its `kind_field` and `kind_model`. `keys`, `times` and `firsts` are the
    file's columns by their names in it: those in which the rows of a request or sum agree, moments among them, and
    those of which the first one counts."""

    query: str
    fields: tuple[str, ...]
    keys: Mapping[str, str]
    times: Mapping[str, str]
    firsts: Mapping[str, str]

    @property
    def grouped(self) -> str:
        return ", ".join([*map(quote_identifier, (*self.keys, *self.times)), "kind_model"])


def build_joined(con: duckdb.DuckDBPyConnection, table: FileTable, examples: Examples) -> Reshaped | None:
    """Return the table with a column for each kind of tokens; None for a table of another shape, or if a kind, a unit
    or which rows belong together is not known."""
    columns = find_long_columns(tuple(table.top_level), examples)
    if columns is None or not _are_units_plain(con, table, columns.unit):
        return None
    meanings = _read_meanings(con, table, columns)
    if meanings is None:
        return None
    exact = _build_rows(con, table, columns, meanings)
    loose = replace(exact, times={}, firsts={**exact.firsts, **exact.times})
    rows = next((each for each in (exact, loose) if _have_inputs(con, each)), None)
    if rows is None or not _are_signs_alike(con, rows) or not _do_parts_agree(con, rows, columns):
        return None

    def describe(before: int, after: int) -> tuple[Text, ...]:
        paired = (_PAIRED_NOTE,) if rows is loose and exact.times else ()
        return *_describe(columns, before, after, meanings), *paired

    return Reshaped(query=_build_joined_sql(rows, columns, meanings), describe=describe)


def _are_units_plain(con: duckdb.DuckDBPyConnection, table: FileTable, unit: str | None) -> bool:
    """Whether counts are in single tokens, as far as a column of units says."""
    if unit is None:
        return True
    cells = _read_different(con, table, unit)
    return cells is not None and all(cell.strip().lower() in _UNITS for cell in cells)


def _read_meanings(
    con: duckdb.DuckDBPyConnection, table: FileTable, columns: LongColumns
) -> tuple[KindCell, ...] | None:
    """Return what each cell means; None if one is unknown: its tokens would be lost."""
    cells = _read_different(con, table, columns.kinds)
    fields = {cell: classify_cell(cell) for cell in cells or ()}
    if not fields or None in fields.values() or not set(_INPUT) & set(fields.values()):
        return None
    is_split = bool(set(_CACHED) & set(fields.values()))
    return tuple(
        KindCell(
            cell=cell,
            field="fresh_input_tokens"
            if field == "input_tokens" and (columns.parts or (is_split and "prompt" not in cell.lower()))
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


def _build_rows(
    con: duckdb.DuckDBPyConnection, table: FileTable, columns: LongColumns, meanings: Sequence[KindCell]
) -> LongRows:
    """Return the rows with all columns as keys, but the IDs that no two of them share."""
    wanted = {
        **{f"key {place}": column for place, column in enumerate((*columns.keys, *columns.ids, *columns.times))},
        **{f"part {field}": column for field, column in columns.parts.items()},
        **({"cost cell": columns.cost} if columns.cost else {}),
    }
    query = table.build_query({"kind cell": columns.kinds, "amount cell": columns.amount, **wanted})
    values = ", ".join(
        f"({quote_literal(one.cell)}, {quote_literal(one.field)}, "
        f"{'NULL' if one.model is None else quote_literal(one.model)})"
        for one in meanings
    )
    long = f"""SELECT long.*, kind_field, kind_model
        FROM (SELECT *, row_number() OVER () AS place FROM ({query})) AS long
        JOIN (VALUES {values}) AS known(kind_cell, kind_field, kind_model)
            ON coalesce(long."kind cell", '') = known.kind_cell
        WHERE kind_field <> ''"""
    names = {name: column for name, column in wanted.items() if name.startswith("key ")}
    own = {name: column for name, column in names.items() if column in columns.ids and _is_own(con, long, name)}
    times = {name: column for name, column in names.items() if column in columns.times}
    return LongRows(
        query=long,
        fields=tuple(sorted({one.field for one in meanings if one.field})),
        keys={name: column for name, column in names.items() if name not in own and name not in times},
        times=times,
        firsts=own,
    )


def _is_own(con: duckdb.DuckDBPyConnection, query: str, name: str) -> bool:
    """Whether each row has a value of its own in a column."""
    cell = quote_identifier(name)
    return fetch_int(con, f"SELECT (count(*) > 1 AND count(DISTINCT {cell}) = count(*))::INT FROM ({query})") > 0


def _have_inputs(con: duckdb.DuckDBPyConnection, rows: LongRows) -> bool:
    """Whether most counts of output have one of input in a row that agrees with theirs."""
    inputs = ", ".join(map(quote_literal, _INPUT))
    return (
        fetch_int(
            con,
            f"""SELECT (coalesce(sum(least(outputs, inputs)), 0) * 2 >= coalesce(sum(outputs), 0))::INT FROM (
                SELECT count(*) FILTER (kind_field = 'output_tokens') AS outputs,
                    count(*) FILTER (kind_field IN ({inputs})) AS inputs
                FROM ({rows.query}) GROUP BY {rows.grouped})""",
        )
        > 0
    )


def _are_signs_alike(con: duckdb.DuckDBPyConnection, rows: LongRows) -> bool:
    """Whether no count is negative, or none is positive: a mixture has something taken back."""
    amount = 'trim("amount cell")'
    negative, positive = (f"count(*) FILTER (regexp_matches({amount}, '^{sign}[0-9., ]*[1-9]'))" for sign in ("-", ""))
    return fetch_int(con, f"SELECT ({negative} = 0 OR {positive} = 0)::INT FROM ({rows.query})") > 0


def _do_parts_agree(con: duckdb.DuckDBPyConnection, rows: LongRows, columns: LongColumns) -> bool:
    """Whether the parts of a count add up to it, where a row has them."""
    if not columns.parts:
        return True
    parts = " + ".join(f"coalesce({_build_part_sql(field)}, 0)" for field in columns.parts)
    filled = _build_part_sql("fresh_input_tokens")
    wrong = f"count(*) FILTER ({filled} IS NOT NULL AND {parts} IS DISTINCT FROM try_cast({_AMOUNT} AS BIGINT))"
    return fetch_int(con, f"SELECT ({wrong} = 0)::INT FROM ({rows.query})") > 0


def _build_part_sql(field: str) -> str:
    return f"try_cast(ltrim(trim(\"part {field}\"), '- ') AS BIGINT)"


def _build_joined_sql(rows: LongRows, columns: LongColumns, meanings: Sequence[KindCell]) -> str:
    """Return SQL for the joined rows in the order of the file."""
    cells = {field: f"coalesce(any_value({_AMOUNT}) FILTER (kind_field = '{field}'), '0')" for field in rows.fields}
    for field in columns.parts:
        count = f"coalesce(any_value({_build_part_sql(field)}), 0)"
        whole = f"any_value(try_cast({_AMOUNT} AS BIGINT)) FILTER (kind_field = '{field}')"
        others = " - ".join(
            f"coalesce(any_value({_build_part_sql(each)}), 0)" for each in _CACHED if each in columns.parts
        )
        cells[field] = f"({f'coalesce({whole}, 0) - {others}' if field in rows.fields else count})::VARCHAR"
    if columns.cost:
        cost = 'abs(try_cast("cost cell" AS DECIMAL(38, 12)))'
        cells["cost_usd"] = f"CASE WHEN count({cost}) = count(*) THEN (sum({cost}) * {columns.cost_scale})::VARCHAR END"
    keys = {**rows.keys, **rows.times}
    named = [f"{quote_identifier(name)} AS {quote_identifier(column)}" for name, column in keys.items()]
    named += [
        f"arg_min({quote_identifier(name)}, place) AS {quote_identifier(column)}"
        for name, column in rows.firsts.items()
    ]
    model = ["kind_model AS model"] if any(one.model for one in meanings) else []
    counted = [f"{sql} AS {field}" for field, sql in cells.items()]
    return f"""WITH numbered AS (
            SELECT *, row_number() OVER (PARTITION BY {rows.grouped}, kind_field ORDER BY place) AS nth
            FROM ({rows.query}))
        SELECT {", ".join([*named, *model, *counted])} FROM numbered
        GROUP BY {rows.grouped}, nth ORDER BY min(place)"""


def _describe(columns: LongColumns, before: int, after: int, meanings: Sequence[KindCell]) -> tuple[Text, ...]:
    joined = plural_text(
        '"{kinds}" says which tokens "{amount}" counts, so rows that agree in all else were joined: {n:,} row of '
        "{before:,}.",
        '"{kinds}" says which tokens "{amount}" counts, so rows that agree in all else were joined: {n:,} rows of '
        "{before:,}.",
        n=after,
        kinds=columns.kinds[:60],
        amount=columns.amount[:60],
        before=before,
    )
    apart = next((one.cell for one in meanings if one.field == "fresh_input_tokens"), None)
    if apart is None or columns.parts:
        return (joined,)
    return joined, text('"{cell}" was read as input without cached tokens, as bills count it.', cell=apart[:60])
