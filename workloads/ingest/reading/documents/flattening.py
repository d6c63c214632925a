"""Flatten JSON rows: a file with one object of texts a line, whose keys are paths such as `usage.prompt_tokens`."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from hashlib import md5
from pathlib import Path
from typing import Any, BinaryIO, Final

import ijson

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.ingest.bounds import Bounds, check_columns, check_rows, check_unpacked
from workloads.ingest.reading.documents.json_documents import iter_document_rows, iter_rows
from workloads.ingest.reading.documents.json_values import (
    MAX_DEPTH,
    JsonObject,
    has_own_usage,
    read_attributes,
    read_dictionary,
    read_embedded,
    read_modalities,
    unwrap,
)

MAX_TEXT_LENGTH: Final = 10_000
MAX_LIST_LENGTH: Final = 1 << 20
"""Characters of a value; the rest is replaced by a hash. Lists may hold the hashes of a long prompt's blocks."""

_MAX_LINE_BYTES: Final = 64 << 20
"""Bytes of a line that is read as one object. The prompts of a long conversation are a few."""

_SAMPLED_LINES: Final = 20
_PROMPT_KEYS: Final = frozenset({"prompt", "messages", "request", "request_body", "body", "input"})
_JSON_ERRORS: Final = (ValueError, RecursionError)
"""What `json` raises for a line that is no JSON or nested too deeply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatRows:
    """What was written: the columns in order of appearance, and the number of rows."""

    columns: tuple[str, ...]
    rows: int


class FlatColumns:
    """The columns seen so far. Names that differ only in case are one, as SQL can't distinguish them."""

    def __init__(self, bounds: Bounds) -> None:
        self._by_folded: dict[str, str] = {}
        self._bounds = bounds

    def add(self, name: str, *, is_nested: bool) -> str | None:
        """Return the column for that name. None for a nested one too many: their keys may be data, such as ids."""
        if (known := self._by_folded.get(folded := name.lower())) is not None:
            return known
        if is_nested and len(self._by_folded) >= self._bounds.columns:
            return None
        check_columns(len(self._by_folded) + 1, self._bounds)
        self._by_folded[folded] = name
        return name

    def to_tuple(self) -> tuple[str, ...]:
        return tuple(self._by_folded.values())


def write_flat_rows(source: Path, target: Path, bounds: Bounds) -> FlatRows:
    """Write the rows of the JSON file `source`, which must be UTF-8, to `target`.

    Raises BadInput if the file is damaged or exceeds the bounds. If it has one object per line, a damaged line becomes
    an empty row, so that it is counted and the others stay in their places.
    """
    with source.open("rb") as file:
        return write_rows(_iter_file_rows(file), target, bounds)


def write_rows(nested: Iterable[JsonObject], target: Path, bounds: Bounds) -> FlatRows:
    """Write the rows to `target`, flattened. Raises BadInput if they exceed the bounds."""
    columns = FlatColumns(bounds)
    rows = size = 0
    with target.open("wb") as out:
        for row in nested:
            line = _encode_row(flatten_row(row, columns), bounds)
            rows, size = rows + 1, size + len(line)
            check_rows(rows, bounds)
            check_unpacked(size, bounds)
            out.write(line)
    return FlatRows(columns=columns.to_tuple(), rows=rows)


def flatten_row(row: JsonObject, columns: FlatColumns) -> dict[str, str]:
    """Return the row's values as text, by their paths. Of two values with one name, the first counts."""
    flat: dict[str, str] = {}
    for path, value in _iter_leaves("", row, 0):
        if (column := columns.add(path, is_nested=path not in row)) is not None:
            flat.setdefault(column, value)
    return flat


def has_usage(cell: str) -> bool:
    """Whether a cell is an object with usage."""
    value = read_embedded(cell)
    return isinstance(value, dict) and has_own_usage(value, 0)


def has_usage_in_texts(cell: str) -> bool:
    """Whether a cell's usage can only be seen by flattening: a dictionary of Python, or JSON in the texts of JSON."""
    value = read_embedded(cell)
    if not isinstance(value, dict) or not has_own_usage(value, 0):
        return False
    texts = (text for text in value.values() if isinstance(text, str))
    inner = (read_embedded(text) for text in texts)
    return read_dictionary(cell) is not None or any(isinstance(each, dict) and has_own_usage(each, 0) for each in inner)


def _encode_row(flat: dict[str, str], bounds: Bounds) -> bytes:
    line = json.dumps(flat, ensure_ascii=False).encode("utf-8", "replace")  # half a surrogate pair can't be written
    if len(line) > bounds.line:
        raise BadInput(text("A row has more than {most} MB of values.", most=bounds.line >> 20))
    return line + b"\n"


def _iter_file_rows(file: BinaryIO) -> Iterator[JsonObject]:
    if _has_object_lines(file):
        for line in _iter_lines(file):
            if line is None or line.strip():
                yield from _parse_line(line)
        return
    try:
        yield from iter_document_rows(file)
    except (ijson.JSONError, ValueError) as error:
        raise BadInput(text("The file is not complete JSON: it is damaged or was cut off.")) from error


def _iter_lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield the lines, None for one that is too long."""
    while line := file.readline(_MAX_LINE_BYTES):
        if len(line) < _MAX_LINE_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(_MAX_LINE_BYTES)
        yield None


def _has_object_lines(file: BinaryIO) -> bool:
    """Whether each line is an object: at least half of the first ones are."""
    lines = [line for _ in range(_SAMPLED_LINES) if (line := file.readline(_MAX_LINE_BYTES)).strip()]
    file.seek(0)
    objects = sum(map(_is_object, lines))
    return len(lines) > 1 and not lines[0].lstrip().startswith(b"[") and objects * 2 >= len(lines)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except _JSON_ERRORS:
        return False


def _parse_line(line: bytes | None) -> Iterator[JsonObject]:
    try:
        value = None if line is None else json.loads(line, parse_float=Decimal)
    except _JSON_ERRORS:
        value = None
    if isinstance(value, dict):
        yield from iter_rows(value)
    else:
        yield {}


def _iter_leaves(path: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the paths and texts of the values inside. A prompt is also one value, as is a text that holds JSON."""
    if isinstance(value, dict) and (inner := unwrap(value)) is not value and depth < MAX_DEPTH:
        yield from _iter_leaves(path, inner, depth + 1)
        return
    attributes = read_attributes(value) or read_modalities(value)
    if isinstance(value, dict) or attributes is not None:
        if depth == 1 and path in _PROMPT_KEYS:
            yield path, _shorten(_dump_json(value), MAX_TEXT_LENGTH)
        for key, member in (value if attributes is None else attributes).items():
            if key and depth < MAX_DEPTH:
                yield from _iter_leaves(f"{path}.{key}" if path else key, member, depth + 1)
    elif isinstance(value, list):
        yield path, _shorten(_dump_json(value), MAX_LIST_LENGTH)
    elif value is not None:
        written = _to_text(value)
        yield path, _shorten(written, MAX_TEXT_LENGTH)
        if (embedded := read_embedded(written)) is not None:
            yield from _iter_leaves(path, embedded, max(depth, 1) + 1)


def _dump_json(value: Any) -> str:
    try:
        return json.dumps(value, default=str)
    except RecursionError:  # nested as deeply as can be read, but not written
        return ""


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) and _is_short(value) else str(value)


def _is_short(value: Decimal) -> bool:
    """Whether a number has a few digits when it is written without an exponent."""
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and abs(exponent) < 40


def _shorten(value: str, most: int) -> str:
    """Cut a long value; its hash keeps it different from others with the same beginning."""
    if len(value) <= most:
        return value
    return f"{value[: most // 4]}… {md5(value.encode(errors='surrogatepass'), usedforsecurity=False).hexdigest()}"
