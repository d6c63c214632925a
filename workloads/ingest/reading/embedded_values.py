"""Read values that are written in a way of their own inside JSON or a cell: OpenTelemetry's lists of attributes, JSON
in a text, and Python's dictionaries, as pandas writes them into CSV."""

import ast
import json
from typing import Any, Final

MAX_EMBEDDED_LENGTH: Final = 20_000
"""Characters of a text that is read as an object; longer ones are prompts."""

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


def _read_any_value(value: Any) -> Any:
    """Return the value of an OpenTelemetry attribute, whose only key names its type."""
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(value.values()))
    return value
