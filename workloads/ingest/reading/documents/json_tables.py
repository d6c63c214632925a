"""Read tables that JSON holds otherwise than as a list of objects: columns as lists, rows as lists under a list of
names, and objects whose keys are days or models.

pandas writes the first as `to_json()`, the second with `orient="split"`; the APIs of data warehouses answer with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.ingest.reading.documents.json_aggregations import AGGREGATIONS_KEYS, read_aggregations
from workloads.ingest.reading.documents.json_values import (
    TOTAL_KEYS,
    JsonObject,
    has_own_usage,
    names_model,
    names_usage,
)

MAX_COLUMN: Final = 100_000
"""Values of a column that are read; its whole list is in memory."""

_NAMES_KEYS: Final = ("columns", "fields", "schema", "header", "headers", "meta", "rowType", "ColumnInfo")
_ROWS_KEYS: Final = ("data", "rows", "values", "data_array", "Rows")
_RESULT_KEYS: Final = ("resultSetMetaData", "manifest", "schema", "result", "ResultSet", "ResultSetMetadata")
"""Objects in which Snowflake, Databricks and Athena put the names and rows of a result."""

_MAX_RESULT_DEPTH: Final = 2
_CELL_KEYS: Final[Mapping[str, str]] = MappingProxyType({"f": "v", "Data": "VarCharValue"})
_DAY: Final = re.compile(r"20\d\d-\d\d(?:-\d\d)?(?:[T ]\d\d:\d\d.{0,20})?|20\d{6}")
_MODEL: Final = re.compile(
    r"(?:[\w.-]{1,40}[/:])?(?:gpt|o[134]|claude|gemini|llama|mi[sx]tral|ministral|codestral|deepseek|command|grok|qwen|nova"
    r"|text-embedding|chatgpt|gemma|phi|sonar|titan|kimi|glm)[-.\w:@]{0,80}",
    re.IGNORECASE,
)
_FEWEST_NAMES: Final = 3
_SAMPLED: Final = 50


def may_be_table(value: JsonObject) -> bool:
    """Whether half of an object's members are lists or objects; an ordinary row is told from a table fast by that."""
    if not value.keys().isdisjoint((*_RESULT_KEYS, *AGGREGATIONS_KEYS)):
        return True
    return sum(isinstance(member, dict | list) for member in value.values()) * 2 >= len(value)


def read_table(value: JsonObject) -> Iterator[JsonObject] | None:
    """Return the rows of an object that is such a table; None if it is none. Raises BadInput for too long columns."""
    if (rows := _read_rows(value)) is not None:
        return rows
    if (columns := _read_columns(value)) is not None:
        return columns
    return read_aggregations(value)


def is_table(value: Any) -> bool:
    return isinstance(value, dict) and may_be_table(value) and read_table(value) is not None


def list_keyed(value: JsonObject) -> list[JsonObject] | None:
    """Return the objects with usage in an object whose keys are days or models, with their keys inside; else None."""
    members = {key: member for key, member in value.items() if key.lower() not in TOTAL_KEYS}
    objects = {key: member for key, member in members.items() if isinstance(member, dict)}
    others = {key: member for key, member in members.items() if key not in objects}
    if not objects or any(isinstance(member, list) or names_usage(key) for key, member in others.items()):
        return None
    if all(_DAY.fullmatch(key) for key in objects):
        return _insert_key("date", objects, others)
    if all(_MODEL.fullmatch(key) for key in objects) and not any(map(names_model, objects.values())):
        return _insert_key("model", objects, others)
    return None


def read_rows_below_names(elements: Iterator[Any]) -> Iterator[Any]:
    """Yield the elements of a list; if the first ones is a list of names, the lists after it as objects."""
    first = next(elements, None)
    if not isinstance(first, list) or not _are_names(first):
        if first is not None:
            yield first
        yield from elements
        return
    for element in elements:
        yield dict(zip(map(str, first), element, strict=False)) if isinstance(element, list) else element


def _insert_key(name: str, objects: Mapping[str, JsonObject], others: JsonObject) -> list[JsonObject] | None:
    is_usage = any(has_own_usage(member, 0) for member in list(objects.values())[:_SAMPLED])
    return [{**others, name: key, **member} for key, member in objects.items()] if is_usage else None


def _read_rows(value: JsonObject) -> Iterator[JsonObject] | None:
    names = _find_names(value, 0)
    if names is not None and isinstance(frame := value.get("data"), dict) and "values" in frame:  # Grafana's
        return _zip_columns(names, frame.get("values"))
    rows = None if names is None else _find_rows(value, 0)
    if names is None or not rows:
        return None
    if len(rows) > MAX_COLUMN:
        raise _refuse_length()
    cells = (read for row in rows if (read := read_cells(row)) is not None)
    return (dict(zip(names, row, strict=False)) for row in cells if row != names)


def _find_names(value: JsonObject, depth: int) -> list[str] | None:
    """Return the names of columns beside a list of rows, or in the description of a warehouse's result."""
    for key in _NAMES_KEYS:
        if (read := _read_names(value.get(key))) is not None:
            return read
    inner = (value[key] for key in _RESULT_KEYS if isinstance(value.get(key), dict) and depth < _MAX_RESULT_DEPTH)
    return next((found for each in inner if (found := _find_names(each, depth + 1)) is not None), None)


def _find_rows(value: JsonObject, depth: int) -> list[Any] | None:
    lists = (value[key] for key in _ROWS_KEYS if isinstance(value.get(key), list))
    rows = next((each for each in lists if each and all(read_cells(row) is not None for row in each[:_SAMPLED])), None)
    if rows is not None or depth == _MAX_RESULT_DEPTH:
        return rows
    inner = (value[key] for key in _RESULT_KEYS if isinstance(value.get(key), dict))
    return next((found for each in inner if (found := _find_rows(each, depth + 1)) is not None), None)


def read_cells(row: Any) -> list[Any] | None:
    """Return the values of a row without names: a list, BigQuery's `{"f": [{"v": "3"}]}` or Athena's
    `{"Data": [{"VarCharValue": "3"}]}`; None for another value."""
    if isinstance(row, list):
        return row
    if not isinstance(row, dict) or len(row) != 1:
        return None
    key, cells = next(iter(row.items()))
    name = _CELL_KEYS.get(key)
    if name is None or not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        return None
    return [cell.get(name) for cell in cells]


def _zip_columns(names: Sequence[str], columns: Any) -> Iterator[JsonObject] | None:
    if not isinstance(columns, list) or len(columns) != len(names) or not all(isinstance(c, list) for c in columns):
        return None
    return _read_columns(dict(zip(names, columns, strict=True)))


def _read_names(names: Any) -> list[str] | None:
    if isinstance(names, dict):  # BigQuery's schema
        names = names.get("fields")
    if not isinstance(names, list):
        return None
    read = [(each.get("name") or each.get("Name")) if isinstance(each, dict) else each for each in names]
    return [str(name) for name in read] if _are_names(read) else None


def _are_names(names: Sequence[Any]) -> bool:
    return len(names) >= _FEWEST_NAMES and all(isinstance(name, str) for name in names) and any(map(names_usage, names))


def _read_columns(value: JsonObject) -> Iterator[JsonObject] | None:
    columns = {key: column for key, member in value.items() if (column := _to_column(member)) is not None}
    if len(columns) < _FEWEST_NAMES or not any(map(names_usage, columns)):
        return None
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1 or (length := lengths.pop()) == 0:
        return None
    if length > MAX_COLUMN:
        raise _refuse_length()
    return ({key: column[place] for key, column in columns.items()} for place in range(length))


def _to_column(member: Any) -> Sequence[Any] | None:
    """Return the values of a column: a list of plain values, or an object of them with the numbers of rows as keys."""
    if isinstance(member, dict):
        keys = list(member)[:_SAMPLED]
        if not keys or not all(key.isdigit() for key in keys):
            return None
        member = list(member.values())
    if not isinstance(member, list) or any(isinstance(each, dict | list) for each in member[:_SAMPLED]):
        return None
    return member


def _refuse_length() -> BadInput:
    return BadInput(
        text(
            "The JSON has columns of more than {most:,} values. Export one object per row, or CSV or Parquet.",
            most=MAX_COLUMN,
        )
    )
