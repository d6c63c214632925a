"""Read tables that JSON holds otherwise than as a list of objects: columns as lists, rows as lists under a list of
names, and objects whose keys are days or models.

pandas writes the first as `to_json()`, the second with `orient="split"`; the APIs of data warehouses answer with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.ingest.reading.documents.json_values import (
    TOTAL_KEYS,
    JsonObject,
    has_own_usage,
    names_model,
    names_usage,
)

MAX_COLUMN: Final = 100_000
"""Values of a column that are read; its whole list is in memory."""

_NAMES_KEYS: Final = ("columns", "fields", "schema", "header", "headers")
_ROWS_KEYS: Final = ("data", "rows", "values")
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
    return sum(isinstance(member, dict | list) for member in value.values()) * 2 >= len(value)


def read_table(value: JsonObject) -> Iterator[JsonObject] | None:
    """Return the rows of an object that is such a table; None if it is none. Raises BadInput for too long columns."""
    if (rows := _read_rows(value)) is not None:
        return rows
    if (columns := _read_columns(value)) is not None:
        return columns
    return None


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
    names = next((read for key in _NAMES_KEYS if (read := _read_names(value.get(key)))), None)
    if names is not None and isinstance(frame := value.get("data"), dict):  # Grafana's
        return _zip_columns(names, frame.get("values"))
    rows = next((value[key] for key in _ROWS_KEYS if isinstance(value.get(key), list)), None)
    if names is None or not rows or not all(isinstance(row, list) for row in rows[:_SAMPLED]):
        return None
    if len(rows) > MAX_COLUMN:
        raise _refuse_length()
    return (dict(zip(names, row, strict=False)) for row in rows if isinstance(row, list))


def _zip_columns(names: Sequence[str], columns: Any) -> Iterator[JsonObject] | None:
    if not isinstance(columns, list) or len(columns) != len(names) or not all(isinstance(c, list) for c in columns):
        return None
    return _read_columns(dict(zip(names, columns, strict=True)))


def _read_names(names: Any) -> list[str] | None:
    if isinstance(names, dict):  # BigQuery's schema
        names = names.get("fields")
    if not isinstance(names, list):
        return None
    read = [each.get("name") if isinstance(each, dict) else each for each in names]
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
