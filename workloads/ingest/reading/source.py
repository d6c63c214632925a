"""The LogSource of a log that was read: its contents, the rejected rows, and remarks on its figures."""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import duckdb

from core.exceptions import BadInput
from core.i18n.text import Text, join_texts, plural_text, text
from core.json_data import to_storable
from workloads.ingest.database import fetch_int
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.macros import install_macros, select_macros
from workloads.ingest.reading.moments import TimeFormat
from workloads.ingest.reading.numbers import NumberFormat
from workloads.ingest.reading.rejection_rules import RejectionRule
from workloads.ingest.reading.row_kinds import SET_ASIDE
from workloads.ingest.reading.table import FileTable, quote_identifier
from workloads.ingest.reading.unread import find_unread_columns
from workloads.ingest.schema import REQUEST_COLUMNS, LogSource, Rejection


def list_rejections(con: duckdb.DuckDBPyConnection, rules: Sequence[RejectionRule]) -> tuple[Rejection, ...]:
    """Return why rows of `typed` were left out, the most common of the rules' reasons first."""
    rows = con.execute(
        "SELECT why, count(*), min(row, 5) FROM typed_rows WHERE why IS NOT NULL GROUP BY why"
    ).fetchall()
    rejections = (Rejection(why=rules[why].why, rows=count, examples=tuple(first)) for why, count, first in rows)
    return tuple(sorted(rejections, key=lambda rejection: (-rejection.rows, rejection.why)))


def require_rows(
    con: duckdb.DuckDBPyConnection,
    mapping: ColumnMapping,
    rejected: tuple[Rejection, ...],
    rules: Sequence[RejectionRule],
) -> None:
    """Raise BadInput if no row is usable, or if more rows are unusable than usable; with a cell that shows why."""
    usable = fetch_int(con, "SELECT count(*) FROM typed_rows WHERE why IS NULL")
    unusable = sum(rejection.rows for rejection in rejected if rejection.why not in SET_ASIDE)
    if usable and unusable <= usable:
        return
    if not rejected:
        raise BadInput(text("The file has a header but no rows."))
    problem = plural_text(
        "Only {usable:,} of {n:,} row can be used, too few for reliable figures. Left out: {reasons}.",
        "Only {usable:,} of {n:,} rows can be used, too few for reliable figures. Left out: {reasons}.",
        n=usable + unusable,
        usable=usable,
        reasons=join_texts("; ", map(_describe_rejection, rejected[:5])),
    )
    cells = [cell for each in rejected[:5] if (cell := _describe_cell(con, mapping, each, rules)) is not None]
    raise BadInput(join_texts(" ", (problem, *cells[:1])))


def _describe_cell(
    con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, rejection: Rejection, rules: Sequence[RejectionRule]
) -> Text | None:
    """Return a sentence with a cell that could not be read, and its column."""
    field = next((rule.field for rule in rules if rule.why == rejection.why), "")
    if not field or not rejection.examples:
        return None
    row = con.execute(f"SELECT {quote_identifier(field)} FROM cells WHERE row = ?", [rejection.examples[0]]).fetchone()
    if row is None or row[0] is None:
        return None
    column, cell = mapping.columns[field][:60], to_storable(row[0])[:60]
    return text(
        'For example, "{column}" has "{cell}". If another column holds {field}, map it.',
        column=column,
        cell=cell,
        field=field,
    )


def list_mapping_notes(mapping: ColumnMapping) -> tuple[Text, ...]:
    """Return a note on the columns that were matched by name, or on what the format never has; and on columns that
    compete for the time."""
    if not mapping.is_guessed:
        lacks = (note for field, note in mapping.format.lacks.items() if field not in mapping.columns)
        return (*lacks, *_list_rivals(mapping))
    pairs = ", ".join(
        f"{field}={column}" for field, column in mapping.columns.items() if field not in mapping.given_fields
    )
    note = text("Columns were matched by name: {pairs}. Correct any that are wrong.", pairs=pairs)
    return (note, *mapping.notes, *_list_rivals(mapping))


def _list_rivals(mapping: ColumnMapping) -> tuple[Text, ...]:
    if not mapping.times.rivals:
        return ()
    names = ", ".join(f'"{name[:60]}"' for name in mapping.times.rivals[:5])
    note = text("Several columns hold times: {names}. Which one is when a request began? Map it to time.", names=names)
    return (note,)


def build_source(
    con: duckdb.DuckDBPyConnection,
    table: FileTable,
    mapping: ColumnMapping,
    *,
    name: str,
    numbers: NumberFormat,
    clock: TimeFormat,
    rejected: tuple[Rejection, ...],
    notes: tuple[Text, ...],
) -> LogSource:
    """Return the LogSource of the requests in `typed`."""
    counts = _count_values(con)
    block_tokens, block_notes = _detect_block_tokens(con, mapping)
    read = [column for field in mapping.columns for column in mapping.list_columns(field)]
    used = {column for chosen in read for column in (chosen, chosen.split(".")[0])}
    return LogSource(
        name=name,
        format=mapping.format.name,
        mapping=MappingProxyType(dict(mapping.columns)),
        guessed=mapping.is_guessed,
        columns=_select_filled_columns(con, mapping, numbers, clock, counts),
        ignored=tuple(column for column in table.top_level if column not in used),
        rows=counts.rows,
        requests=counts.requests,
        rejected=rejected,
        notes=(*notes, *block_notes),
        relative_clock=clock.is_relative,
        naive_times=clock.is_naive,
        block_tokens=block_tokens,
        synthetic=_has_synthetic(con, mapping),
        unread=find_unread_columns(con, table, mapping),
    )


def _describe_rejection(rejection: Rejection) -> Text:
    return plural_text(
        "{why} ({n:,} row, e.g. row {places})",
        "{why} ({n:,} rows, e.g. row {places})",
        why=rejection.why,
        n=rejection.rows,
        places=", ".join(map(str, rejection.examples)),
    )


class ValueCounts(NamedTuple):
    """What the accepted rows hold: their number, the requests that they stand for (None: unknown), and the columns of
    REQUEST_COLUMNS with values."""

    rows: int
    requests: int | None
    filled: frozenset[str]


def _count_values(con: duckdb.DuckDBPyConnection) -> ValueCounts:
    stored = [name for name, *_ in con.execute("FROM typed_rows LIMIT 0").description]
    names = [name for name in stored if name in REQUEST_COLUMNS and name != "is_sum"]  # the others are NULL or constant
    counted = "".join(f", count({quote_identifier(name)})" for name in names)
    rows, sums, uncounted, requests, *counts = con.execute(
        f"""SELECT count(*), count(*) FILTER (is_sum), count(*) - count(requests), sum(requests)::BIGINT{counted}
        FROM typed WHERE why IS NULL"""
    ).fetchall()[0]
    filled = {name for name, count in zip(("is_sum", *names), (sums, *counts), strict=True) if count}
    return ValueCounts(rows=rows, requests=None if uncounted else requests, filled=frozenset(filled))


def _has_synthetic(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> bool:
    if "synthetic" not in mapping.columns:
        return False
    install_macros(con, select_macros("flag(synthetic)"))
    return fetch_int(con, "SELECT count(*) FROM stage WHERE flag(synthetic)") > 0


_FIELDS_BY_COLUMN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "at": ("time",),
        "requests": ("requests",),
        "cache_read": ("cached_tokens",),
        "cache_write": ("cache_write_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens"),
        "cache_write_1h": ("cache_write_1h_tokens",),
        "audio_input": ("audio_input_tokens",),
        "image_input": ("image_input_tokens",),
        "audio_read": ("audio_cached_tokens",),
        "audio_output": ("audio_output_tokens",),
        "image_output": ("image_output_tokens",),
        "reasoning": ("reasoning_tokens",),
        "searches": ("searches",),
    }
)
"""Columns that are never NULL are always filled, so their fields are checked instead."""


def _select_filled_columns(
    con: duckdb.DuckDBPyConnection,
    mapping: ColumnMapping,
    numbers: NumberFormat,
    clock: TimeFormat,
    counts: ValueCounts,
) -> frozenset[str]:
    def is_filled(field: str) -> bool:
        if field not in mapping.columns or field == "time":
            return field in mapping.columns and clock.is_filled
        # With a limit, because the first rows usually answer it.
        filled = f"SELECT 1 FROM stage WHERE {numbers.build_value_sql(field)} IS NOT NULL LIMIT 1"
        return con.execute(filled).fetchone() is not None

    return frozenset(
        name for name in counts.filled if name not in _FIELDS_BY_COLUMN or any(map(is_filled, _FIELDS_BY_COLUMN[name]))
    )


def _detect_block_tokens(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> tuple[int | None, tuple[Text, ...]]:
    """Return the format's block size, or the smallest one with which every prompt fits into its blocks."""
    if "blocks" not in mapping.columns:
        return None, ()
    row = con.execute(
        "SELECT max((fresh_input + cache_read + cache_write) / len(blocks)) FROM typed "
        "WHERE why IS NULL AND len(blocks) > 0"
    ).fetchone()
    if row is None or row[0] is None:
        return None, ()
    if mapping.format.block_tokens is not None:
        return mapping.format.block_tokens, ()
    size = max(1, math.ceil(row[0]))
    note = plural_text(
        "The size of a prefix block is not stated; {n} token is assumed, the smallest size that fits every prompt.",
        "The size of a prefix block is not stated; {n} tokens are assumed, the smallest size that fits every prompt.",
        n=size,
    )
    return size, (note,)
