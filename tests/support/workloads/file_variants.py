"""Ways to write the same rows into a file: JSON in wrappers and pages, CSV of many kinds, workbooks, containers."""

import bz2
import csv
import gzip
import io
import json
import lzma
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import zstandard

from tests.support.workloads.workbooks import build_workbook

Row = dict[str, Any]
Writer = Callable[[Sequence[Row]], bytes]


def flatten(row: Row, before: str = "") -> Row:
    """Return the row with a column a leaf, named by its path; lists as JSON."""
    flat: Row = {}
    for key, value in row.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{before}{key}.")
        else:
            flat[f"{before}{key}"] = json.dumps(value) if isinstance(value, list) else value
    return flat


def write_csv(rows: Sequence[Row], *, delimiter: str = ",", end: str = "\n", backwards: bool = False) -> str:
    """Return the rows as CSV with all columns that any of them has."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    columns = columns[::-1] if backwards else columns
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue()


def _write_lines(rows: Sequence[Row]) -> bytes:
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def _write_wrapped(key: str) -> Writer:
    return lambda rows: json.dumps({key: list(rows), "meta": {"count": len(rows)}}).encode()


def _write_pages(rows: Sequence[Row]) -> bytes:
    pages = [rows[place : place + 7] for place in range(0, len(rows), 7)]
    return "\n".join(json.dumps({"data": list(page), "has_more": True, "next_page": "p"}) for page in pages).encode()


def _write_indented(rows: Sequence[Row]) -> bytes:
    return json.dumps(list(rows), indent=2).encode()


def _write_flat_lines(rows: Sequence[Row]) -> bytes:
    return _write_lines([flatten(row) for row in rows])


def _write_flat_csv(rows: Sequence[Row]) -> bytes:
    return write_csv([flatten(row) for row in rows]).encode()


def _write_backwards(rows: Sequence[Row]) -> bytes:
    return write_csv([flatten(row) for row in rows], backwards=True).encode()


def _write_json_cells(rows: Sequence[Row]) -> bytes:
    cells = [
        {key: json.dumps(value) if isinstance(value, dict | list) else value for key, value in row.items()}
        for row in rows
    ]
    return write_csv(cells).encode()


def _write_windows(rows: Sequence[Row]) -> bytes:
    return ("\ufeff" + write_csv([flatten(row) for row in rows], end="\r\n")).encode()


def _write_utf16(rows: Sequence[Row]) -> bytes:
    return write_csv([flatten(row) for row in rows], delimiter="\t").encode("utf-16")


def _write_noted(rows: Sequence[Row]) -> bytes:
    """With a column of quoted line breaks, empty lines at the end, and columns that nobody knows."""
    noted = [flatten(row) | {"note": 'He said "hi",\nand left; x', "zz_colour": "blue"} for row in rows]
    return (write_csv(noted) + "\n\n").encode()


def _write_workbook(rows: Sequence[Row]) -> bytes:
    flat = [flatten(row) for row in rows]
    columns = list(dict.fromkeys(column for row in flat for column in row))
    cells = [[_to_cell(row.get(column, "")) for column in columns] for row in flat]
    return build_workbook({"Usage": [columns, *cells], "About": [["made up"]]})


def _to_cell(value: Any) -> str | float:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _write_zip(rows: Sequence[Row]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        middle = len(rows) // 2
        archive.writestr("export/part-1.jsonl", _write_lines(rows[:middle]))
        archive.writestr("export/part-2.jsonl", _write_lines(rows[middle:]))
    return packed.getvalue()


def _write_german(rows: Sequence[Row]) -> bytes:
    return write_csv([_to_german(flatten(row)) for row in rows], delimiter=";").encode("latin-1")


def _to_german(row: Row) -> Row:
    return {key: _to_german_cell(value) for key, value in row.items()}


def _to_german_cell(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"2026-\d\d-\d\dT.*Z", value):
        return datetime.fromisoformat(value).strftime("%d.%m.%Y %H:%M:%S")
    if isinstance(value, int) and not isinstance(value, bool) and value < 1_000_000:
        return f"{value:,}".replace(",", ".")
    return f"{value:.3f}".replace(".", ",") if isinstance(value, float) and value < 1_000_000 else value


def _write_snake(rows: Sequence[Row]) -> bytes:
    return _write_lines([_rename(row, _to_snake) for row in rows])


def _write_camel(rows: Sequence[Row]) -> bytes:
    return _write_lines([_rename(row, _to_camel) for row in rows])


def _rename(value: Any, name: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {name(key): _rename(member, name) for key, member in value.items()}
    return value


def _to_snake(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda found: f"_{found[1].lower()}", key)


def _to_camel(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])_([a-z])", lambda found: found[1].upper(), key)


VARIANTS: Mapping[str, Writer] = {
    "lines": _write_lines,
    "data": _write_wrapped("data"),
    "results": _write_wrapped("results"),
    "traces": _write_wrapped("traces"),
    "pages": _write_pages,
    "indented": _write_indented,
    "dotted keys": _write_flat_lines,
    "snake_case": _write_snake,
    "camelCase": _write_camel,
    "csv": _write_flat_csv,
    "csv backwards": _write_backwards,
    "csv with json cells": _write_json_cells,
    "windows": _write_windows,
    "utf-16": _write_utf16,
    "noted": _write_noted,
    "workbook": _write_workbook,
    "german": _write_german,
    "zip": _write_zip,
    "gzip": lambda rows: gzip.compress(_write_lines(rows)),
    "zstd": lambda rows: zstandard.compress(_write_flat_csv(rows)),
    "bzip2": lambda rows: bz2.compress(_write_lines(rows)),
    "xz": lambda rows: lzma.compress(_write_flat_csv(rows)),
}
"""By name."""
