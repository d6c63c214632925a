"""Read JSON values as logs hold them, and find the objects that have usage and name its model.

A value may be written in a way of its own: OpenTelemetry's lists of attributes, Gemini's lists of modalities, JSON in a
text, and Python's dictionaries, as pandas writes them into CSV."""

import ast
import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, Final, TypeAlias

JsonObject: TypeAlias = dict[str, Any]

MAX_DEPTH: Final = 12
"""Levels of nesting that are looked at; OpenTelemetry's attributes are on the eighth."""

MODEL_MAPS: Final = frozenset({"models", "by_model"})
"""Keys of objects with a model's name as each key and its usage as the value."""
TOTAL_KEYS = frozenset({"total", "totals", "summary", "aggregate", "aggregates", "overall"})

_USAGE_NAME = re.compile(r"token|units$|^cost|cost$|^amount$|spend|usage$")

MAX_EMBEDDED_LENGTH: Final = 20_000
"""Characters of a text that is read as an object; longer ones are prompts."""

_TYPE_KEYS: Final = frozenset(
    {
        *("$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$date", "$oid", "$uuid", "$symbol"),
        *("stringValue", "integerValue", "doubleValue", "booleanValue", "timestampValue", "mapValue", "nullValue"),
    }
)
_DYNAMO_KEYS: Final = frozenset({"S", "N", "BOOL", "M"})

_MODALITY_KEYS: Final = ({"modality", "tokenCount"}, {"modality", "token_count"})


def read_attributes(value: Any) -> dict[str, Any] | None:
    """Return OpenTelemetry's list of `{"key": ..., "value": {"intValue": "3"}}` as an object; None if it is none."""
    if not isinstance(value, list) or not value:
        return None
    if not all(isinstance(each, dict) and each.keys() == {"key", "value"} for each in value):
        return None
    return {str(each["key"]): _read_any_value(each["value"]) for each in value}


def read_modalities(value: Any) -> dict[str, Any] | None:
    """Return Gemini's list of `{"modality": "AUDIO", "tokenCount": 3}` as an object; None if it is none."""
    if not isinstance(value, list) or not value:
        return None
    if not all(isinstance(each, dict) and each.keys() in _MODALITY_KEYS for each in value):
        return None
    return {str(each["modality"]): each[(each.keys() - {"modality"}).pop()] for each in value}


def unwrap(value: JsonObject) -> Any:
    """Return the value in an object that only says its type, as databases export it: MongoDB's `{"$numberLong": "3"}`,
    DynamoDB's `{"N": "3"}`, Firestore's `{"integerValue": "3"}`; the object itself if it is none."""
    if len(value) != 1:
        return value
    key, member = next(iter(value.items()))
    is_letter = key in _DYNAMO_KEYS and isinstance(member, str | bool | dict)
    return member if is_letter or key in _TYPE_KEYS else value


def read_embedded(value: str) -> Any:
    """Return what a text holds as JSON, or as a dictionary of Python, if it is an object; else None."""
    if not value.startswith("{") or len(value) > MAX_EMBEDDED_LENGTH:
        return None
    try:
        return json.loads(value)
    except (ValueError, RecursionError):  # text that only looks like JSON
        return read_dictionary(value)


def read_dictionary(value: str) -> dict[str, Any] | None:
    """Return the dictionary that a text is in Python, such as "{'a': 1, 'b': None}"; None if it is none."""
    if not value.startswith("{'") or len(value) > MAX_EMBEDDED_LENGTH:
        return None
    try:
        read = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return read if isinstance(read, dict) and all(isinstance(key, str) for key in read) else None


def has_usage_by_model(value: JsonObject) -> bool:
    """Whether each value of an object is an object with usage that names no model itself."""
    return bool(value) and all(
        isinstance(each, dict) and has_own_usage(each, 0) and not names_model(each) for each in value.values()
    )


def names_model(value: Any) -> bool:
    """Whether an object names the model of its usage; a list of models, such as ccusage's of a day, doesn't."""
    return any(
        "model" in key.lower() and not _is_list(member) and not (isinstance(member, dict) and key != "model")
        for key, member in _iter_pairs(value, 0)
    )


def has_model_map(value: Any) -> bool:
    """Whether an object has usage by model in it, as LiteLLM's sums of a day have."""
    return any(
        key in MODEL_MAPS and isinstance(member, dict) and has_usage_by_model(member)
        for key, member in _iter_pairs(value, 0)
    )


def has_usage_inside(value: Any, depth: int) -> bool:
    """Whether an object, or one in its lists, has a number that counts tokens or money."""
    if not isinstance(value, dict) or depth > MAX_DEPTH:
        return False
    if has_own_usage(value, depth):
        return True
    lists = (member for member in value.values() if isinstance(member, list))
    return any(has_usage_inside(each, depth + 1) for each in chain.from_iterable(member[:50] for member in lists))


def has_own_usage(value: JsonObject, depth: int) -> bool:
    """Whether an object has a number that counts tokens or money, not in a list."""
    return depth <= MAX_DEPTH and any(is_usage(key, member, depth) for key, member in value.items())


def names_usage(key: str) -> bool:
    """Whether the name of a number says that it counts tokens or money."""
    return _USAGE_NAME.search(key.lower()) is not None


def is_usage(key: str, member: Any, depth: int) -> bool:
    if isinstance(member, str) and (embedded := read_embedded(member)) is not None:
        member = embedded
    if isinstance(member, list):
        member = read_attributes(member)
    if isinstance(member, dict) and not isinstance(member := unwrap(member), dict):
        return is_usage(key, member, depth + 1)
    if isinstance(member, dict):
        is_amount = key.lower() == "amount" and _is_number(member.get("value"))  # {"value": 0.06, "currency": "usd"}
        return is_amount or (key.lower() not in TOTAL_KEYS and has_own_usage(member, depth + 1))
    return _is_number(member) and names_usage(key)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and read_attributes(value) is None


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) < 30 and value.replace(".", "", 1).isdigit()
    return value is not None and not isinstance(value, bool | list | dict)


def _iter_pairs(value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict) or depth > MAX_DEPTH:
        return
    for key, member in value.items():
        yield key, member
        yield from _iter_pairs(read_attributes(member) or member, depth + 1)


def _read_any_value(value: Any) -> Any:
    """Return the value of an OpenTelemetry attribute, whose only key names its type."""
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(value.values()))
    return value
