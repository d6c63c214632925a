"""A file as a table of text: its columns, and the SQL that scans some of them as VARCHAR."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.ingest.bounds import check_columns, check_parquet
from workloads.ingest.database import quote_literal
from workloads.ingest.detection import FileKind, RawFile
from workloads.ingest.formats.base import is_path_key

# Limits on the search for columns inside JSON values.
_MAX_DEPTH = 4
_SAMPLED_ROWS = 500
_SAMPLED_CELLS = 50_000  # in these rows together
_MAX_NESTED = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file as a table. `top_level`: its own columns, each with an SQL expression for its text. `nested`: paths into
    JSON values, as "column.key.key". `source`: the relation to put after FROM."""

    top_level: Mapping[str, str]
    nested: tuple[str, ...]
    source: str

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
        paths = ", ".join(quote_literal(_to_json_path(column)) for column in columns)
        cell = self.top_level[top]
        return f"CASE WHEN json_valid({cell}) THEN json_extract_string({cell}, [{paths}]) END"


def _quote_parsed_name(top: str) -> str:
    return quote_identifier(f"{top}, parsed")


def _to_json_path(column: str) -> str:
    return "$" + "".join(f'."{key}"' for key in column.split(".")[1:])


def open_table(con: duckdb.DuckDBPyConnection, raw: RawFile) -> Table:
    """Open the table in `raw`, which must be plain UTF-8 if it is text. Raises BadInput if it has no columns."""
    readers = {FileKind.CSV: _open_csv, FileKind.JSON: _open_json, FileKind.PARQUET: _open_parquet}
    return readers[raw.kind](con, raw)


def quote_identifier(name: str) -> str:
    """Return `name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _open_csv(con: duckdb.DuckDBPyConnection, raw: RawFile) -> Table:
    path = raw.path
    # Names and separator are read here: DuckDB's sniffer may misread a file's first rows.
    line, separator = _read_header(path)
    header = _split_cells(line, separator)
    check_columns(len(header), raw.bounds)
    names = _make_unique(header)
    kinds = ", ".join(f"{quote_literal(name)}: 'VARCHAR'" for name in names)
    source = (
        f"read_csv({quote_literal(str(path))}, auto_detect = false, header = true, delim = {quote_literal(separator)}, "
        f"""quote = '"', escape = '"', store_rejects = true, columns = {{{kinds}}})"""
    )
    return _build_table(con, {name: quote_identifier(name) for name in names}, source)


def _read_header(path: Path) -> tuple[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        line = file.readline(1 << 20).strip("\r\n")
    if not line.strip():
        raise BadInput(text("The file's first line is empty. It must name the columns."))
    if len(line) == 1 << 20:
        raise BadInput(
            text("The file's first line is longer than a million characters, so this is not a CSV with a header.")
        )
    return line, max(",;\t|", key=line.count)


def _split_cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator))
    except csv.Error as error:
        raise BadInput(text("The file's first line can't be read. It must name the columns.")) from error


def _make_unique(names: Sequence[str]) -> list[str]:
    unique: dict[str, str] = {}
    for place, name in enumerate(names, start=1):
        wanted = name.strip() or f"column {place}"
        # Repeated for a file that has "a" twice and also "a (2)".
        while wanted.lower() in unique:
            wanted = f"{wanted} ({place})"
        unique[wanted.lower()] = wanted
    return list(unique.values())


def _open_json(con: duckdb.DuckDBPyConnection, raw: RawFile) -> Table:
    path = raw.path
    layout = _detect_layout(path)
    tolerance = ", ignore_errors = true" if layout == "newline_delimited" else ""
    file = f"{quote_literal(str(path))}, format = {quote_literal(layout)}{tolerance}"
    names = con.execute(
        f"SELECT DISTINCT unnest(json_keys(json)) FROM read_json_objects({file}) WHERE json_type(json) = 'OBJECT' "
        f"LIMIT {raw.bounds.columns + 2}"
    ).fetchall()
    names = [name for name in names if name != ("",)]  # SQL cannot write an empty identifier
    check_columns(len(names), raw.bounds)
    if not names:
        raise BadInput(text("The file has no JSON objects with keys. Each request must be an object."))
    distinct = {name.lower(): name for (name,) in sorted(names)}
    kinds = ", ".join(f"{quote_literal(name)}: 'VARCHAR'" for name in distinct.values())
    tops = {name: quote_identifier(name) for name in distinct.values()}
    return _build_table(con, tops, f"read_json({file}, columns = {{{kinds}}})")


def _detect_layout(path: Path) -> str:
    """Return whether the file is an array, one object a line, or objects over many lines."""
    with path.open(encoding="utf-8") as file:
        lines = [line.strip() for line in islice((line for line in file if line.strip()), 20)]
    if lines[0].startswith("["):
        return "array"
    return "newline_delimited" if any(map(_is_object, lines)) else "unstructured"


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _open_parquet(con: duckdb.DuckDBPyConnection, raw: RawFile) -> Table:
    check_parquet(con, quote_literal(str(raw.path)), raw.path, raw.bounds)
    source = f"read_parquet({quote_literal(str(raw.path))})"
    rows = con.execute(f"SELECT column_name, column_type FROM (DESCRIBE FROM {source})").fetchall()
    # SQL cannot write an empty identifier.
    return _build_table(con, {name: _cast_to_text(quote_identifier(name), kind) for name, kind in rows if name}, source)


def _cast_to_text(name: str, kind: str) -> str:
    nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "JSON"))
    return f"to_json({name})::VARCHAR" if nested else f"{name}::VARCHAR"


def _build_table(con: duckdb.DuckDBPyConnection, tops: Mapping[str, str], source: str) -> Table:
    inner = sorted(_find_nested(con, tops, source))
    return Table(top_level=MappingProxyType(dict(tops)), nested=tuple(inner), source=source)


def _find_nested(con: duckdb.DuckDBPyConnection, tops: Mapping[str, str], source: str) -> set[str]:
    # Long values are prompts, not usage, and are not parsed. A column with a dot in its own name can't start a path.
    plain = {name: text for name, text in tops.items() if "." not in name}
    if not plain:
        return set()
    cells = ", ".join(
        f"CASE WHEN {text} LIKE '{{%' AND length({text}) < 20000 THEN {text} END" for text in plain.values()
    )
    rows = con.execute(
        f"SELECT {cells} FROM {source} LIMIT {max(1, min(_SAMPLED_ROWS, _SAMPLED_CELLS // len(plain)))}"
    ).fetchall()
    paths = (path for row in rows for name, cell in zip(plain, row, strict=True) for path in _iter_paths(name, cell))
    return set(islice(dict.fromkeys(paths), _MAX_NESTED))


def _iter_paths(name: str, cell: str | None) -> Iterable[str]:
    if cell is None:
        return ()
    try:
        return islice(_iter_leaves(name, json.loads(cell), _MAX_DEPTH), 200)
    except (ValueError, RecursionError):  # text that only looks like JSON has no columns inside
        return ()


def _iter_leaves(name: str, value: Any, depth: int) -> Iterator[str]:
    if not isinstance(value, dict):
        yield name
    elif depth:
        for key, inner in value.items():
            if is_path_key(key):
                yield from _iter_leaves(f"{name}.{key}", inner, depth - 1)
