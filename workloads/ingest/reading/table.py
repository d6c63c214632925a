"""A file as a table of text: its columns, and the SQL that scans some of them as VARCHAR."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.ingest.bounds import check_columns, check_parquet
from workloads.ingest.column_names import PATH_SYNTAX, Examples
from workloads.ingest.database import fetch_int, quote_literal
from workloads.ingest.detection import FileKind, RawFile
from workloads.ingest.reading.documents.flattening import (
    FlatRows,
    has_usage,
    has_usage_in_texts,
    write_flat_rows,
    write_rows,
)
from workloads.ingest.reading.text_files import read_header

# Limits on the search for columns inside JSON values.
_MAX_DEPTH = 4
_SAMPLED_ROWS = 500
_SAMPLED_CELLS = 50_000  # in these rows together
_MAX_NESTED = 10_000
_SAMPLED_OBJECTS = 50  # rows in which usage inside texts is looked for
_FETCHED_ROWS = 1_000

_MARKED_TEXT = r"""^(?:="([^"]*)"|'([^']*))$"""

_OBJECT_SQL = "CASE WHEN cell LIKE '{%' AND length(cell) < 20000 THEN cell END"

_MIN_BUFFER_BYTES = 1 << 20
"""Of what is read of a CSV file at a time. DuckDB would take 16 of the longest lines, and a few of these at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTable:
    """A file as a table. `top_level`: its own columns, each with an SQL expression for its text. `nested`: paths into
    JSON values, as "column.key.key"; `paths` has those whose keys have dots themselves, in JSON's syntax. `source`: the
    relation to put after FROM. `header_line`: the line of a CSV file that names the columns, 1-based; 0 for others."""

    top_level: Mapping[str, str]
    nested: tuple[str, ...]
    source: str
    header_line: int = 0
    paths: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.top_level, *self.nested)

    def build_query(self, wanted: Mapping[str, str]) -> str:
        """Return SQL that scans the columns `wanted`, given by their new names; a dotted column is a path into JSON."""
        inside: dict[str, list[str]] = {}
        for column in wanted.values():
            if column not in self.top_level:
                inside.setdefault(column.split(".")[0], []).append(column)
        cells = dict(self.top_level)
        for top, columns in inside.items():
            cells |= {column: f"{_quote_parsed_name(top)}[{place}]" for place, column in enumerate(columns, start=1)}
        values = ", ".join(f"{cells[column]} AS {quote_identifier(name)}" for name, column in wanted.items())
        parsed = "".join(
            f", {self._build_parse_sql(top, columns)} AS {_quote_parsed_name(top)}" for top, columns in inside.items()
        )
        return f"SELECT {values} FROM (SELECT *{parsed} FROM {self.source})"

    def _build_parse_sql(self, top: str, columns: Sequence[str]) -> str:
        # All paths in one call, so that a value is parsed only once.
        paths = ", ".join(
            quote_literal(self.paths.get(column) or _to_json_path(column.split(".")[1:])) for column in columns
        )
        cell = self.top_level[top]
        return f"CASE WHEN json_valid({cell}) THEN json_extract_string({cell}, [{paths}]) END"


def _quote_parsed_name(top: str) -> str:
    return quote_identifier(f"{top}, parsed")


def _to_json_path(keys: Iterable[str]) -> str:
    return "$" + "".join(f'."{key}"' for key in keys)


def open_table(con: duckdb.DuckDBPyConnection, raw: RawFile) -> FileTable:
    """Open the table in `raw`, which must be plain UTF-8 if it is text. Raises BadInput if it has no columns."""
    readers = {FileKind.CSV: _open_csv, FileKind.JSON: _open_json, FileKind.PARQUET: _open_parquet}
    return readers[raw.kind](con, raw)


def open_texts(table: FileTable, examples: Examples) -> tuple[FileTable, Examples]:
    """Return the table and the examples with the texts in cells that programs mark as such for a spreadsheet: `="123"`
    and `'123`."""
    marked = {name for name in table.top_level if _are_marked(examples.get(name, ()))}
    if not marked:
        return table, examples
    cells = {
        name: f"regexp_replace({cell}, {quote_literal(_MARKED_TEXT)}, '\\1\\2')" if name in marked else cell
        for name, cell in table.top_level.items()
    }
    bare = {name: tuple(re.sub(_MARKED_TEXT, r"\1\2", cell) for cell in examples[name]) for name in marked}
    return replace(table, top_level=MappingProxyType(cells)), {**examples, **bare}


def _are_marked(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(re.match(_MARKED_TEXT, cell) for cell in filled)


def quote_identifier(name: str) -> str:
    """Return `name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _open_csv(con: duckdb.DuckDBPyConnection, raw: RawFile) -> FileTable:
    # Names and separator are read here: DuckDB's sniffer may misread a file's first rows.
    header = read_header(raw.path)
    check_columns(len(header.names), raw.bounds)
    names = _make_unique(header.names)
    kinds = ", ".join(f"{quote_literal(name)}: 'VARCHAR'" for name in names)
    source = (
        f"read_csv({quote_literal(str(raw.path))}, auto_detect = false, header = true, skip = {header.skipped}, "
        f"delim = {quote_literal(header.separator)}, quote = '\"', escape = '\"', store_rejects = true, "
        f"max_line_size = {raw.bounds.line}, buffer_size = {max(2 * raw.bounds.line, _MIN_BUFFER_BYTES)}, "
        f"columns = {{{kinds}}})"
    )
    tops = {name: quote_identifier(name) for name in names}
    objects = _sample_objects(con, tops, source)
    if any(_needs_flattening(names, row) for row in objects[:_SAMPLED_OBJECTS]):
        target = raw.path.with_name("rows.jsonl")
        return _open_flat(write_rows(_iter_csv_rows(con, names, source), target, raw.bounds), target, raw)
    return replace(_build_table(tops, objects, source), header_line=header.skipped + 1)


def _needs_flattening(names: Sequence[str], row: Sequence[str | None]) -> bool:
    """Whether a row has usage that no path leads to, which begins at a column without a dot in its own name."""
    cells = [(name, cell) for name, cell in zip(names, row, strict=True) if cell is not None]
    return any(has_usage_in_texts(cell) or ("." in name and has_usage(cell)) for name, cell in cells)


def _iter_csv_rows(con: duckdb.DuckDBPyConnection, names: Sequence[str], source: str) -> Iterator[dict[str, Any]]:
    """Yield the rows as objects; a damaged line is an empty one at the end, so that it is counted."""
    con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")  # of the sample
    rows = con.execute(f"SELECT * FROM {source}")
    while batch := rows.fetchmany(_FETCHED_ROWS):
        yield from (dict(zip(names, row, strict=True)) for row in batch)
    yield from ({} for _ in range(fetch_int(con, "SELECT count(DISTINCT line) FROM reject_errors")))


def _make_unique(names: Sequence[str]) -> list[str]:
    unique: dict[str, str] = {}
    for place, name in enumerate(names, start=1):
        wanted = name.strip() or f"column {place}"
        # Repeated for a file that has "a" twice and also "a (2)".
        while wanted.lower() in unique:
            wanted = f"{wanted} ({place})"
        unique[wanted.lower()] = wanted
    return list(unique.values())


def _open_json(_: duckdb.DuckDBPyConnection, raw: RawFile) -> FileTable:
    target = raw.path.with_name("rows.jsonl")
    return _open_flat(write_flat_rows(raw.path, target, raw.bounds), target, raw)


def _open_flat(flat: FlatRows, target: Path, raw: RawFile) -> FileTable:
    if not flat.columns:
        raise BadInput(text("The file has no JSON objects with keys. Each request must be an object."))
    kinds = ", ".join(f"{quote_literal(name)}: 'VARCHAR'" for name in flat.columns)
    tops = {name: quote_identifier(name) for name in flat.columns}
    source = (
        f"read_json({quote_literal(str(target))}, format = 'newline_delimited', "
        f"maximum_object_size = {2 * raw.bounds.line}, columns = {{{kinds}}})"
    )
    return FileTable(top_level=MappingProxyType(tops), nested=(), source=source)


def _open_parquet(con: duckdb.DuckDBPyConnection, raw: RawFile) -> FileTable:
    check_parquet(con, quote_literal(str(raw.path)), raw.path, raw.bounds)
    source = f"read_parquet({quote_literal(str(raw.path))})"
    rows = con.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM {source})").fetchall()
    # SQL cannot write an empty identifier.
    tops = {name: _cast_to_text(quote_identifier(name), kind) for name, kind in rows if name}
    return _build_table(tops, _sample_objects(con, tops, source), source)


def _cast_to_text(name: str, kind: str) -> str:
    nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "JSON"))
    return f"to_json({name})::VARCHAR" if nested else f"{name}::VARCHAR"


def _build_table(tops: Mapping[str, str], objects: Sequence[Sequence[str | None]], source: str) -> FileTable:
    inner = _find_nested(tops, objects)
    dotted = {name: _to_json_path(keys) for name, keys in inner.items() if any("." in key for key in keys)}
    return FileTable(
        top_level=MappingProxyType(dict(tops)),
        nested=tuple(sorted(inner)),
        source=source,
        paths=MappingProxyType(dotted),
    )


def _find_nested(tops: Mapping[str, str], objects: Sequence[Sequence[str | None]]) -> dict[str, tuple[str, ...]]:
    """Return the names of the values inside JSON cells, with the keys that lead to them."""
    # A column with a dot in its own name can't start a path.
    cells = ((name, cell) for row in objects for name, cell in zip(tops, row, strict=True) if "." not in name)
    paths = (path for name, cell in cells for path in _iter_paths(name, cell))
    return dict(islice(dict(paths).items(), _MAX_NESTED))


def _sample_objects(
    con: duckdb.DuckDBPyConnection, tops: Mapping[str, str], source: str
) -> Sequence[Sequence[str | None]]:
    """Return the cells of the first rows that may be objects, None for others. Long values are prompts, not usage."""
    most = max(1, min(_SAMPLED_ROWS, _SAMPLED_CELLS // max(1, len(tops))))
    # One expression for all cells, because planning one for each takes longer than a small file's reading.
    cells = f"list_transform([{', '.join(tops.values())}], lambda cell: {_OBJECT_SQL})"
    return [row for (row,) in con.execute(f"SELECT {cells} FROM {source} LIMIT {most}").fetchall()]


def _iter_paths(name: str, cell: str | None) -> Iterable[tuple[str, tuple[str, ...]]]:
    if cell is None:
        return ()
    try:
        return islice(_iter_leaves(name, json.loads(cell), _MAX_DEPTH), 200)
    except (ValueError, RecursionError):  # text that only looks like JSON has no columns inside
        return ()


def _iter_leaves(
    name: str, value: Any, depth: int, keys: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(value, dict):
        if keys:
            yield name, keys
    elif depth:
        for key, inner in value.items():
            if key and not PATH_SYNTAX - {"."} & set(key):
                yield from _iter_leaves(f"{name}.{key}", inner, depth - 1, (*keys, key))
