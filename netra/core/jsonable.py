"""Results and foreign text as data that any database stores."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue
from pydantic_core import to_jsonable_python

REPLACEMENT = "\ufffd"


def jsonable(value: Any) -> JsonValue:
    """A frozen result as JSON data: decimals as strings, what JSON has no number for as null.

    Raises TypeError for an object that is no data.
    """
    data: JsonValue = to_jsonable_python(value, inf_nan_mode="null", fallback=_mapping)
    return data


def storable(text: str) -> str:
    """The text without what no database takes: NUL and halves of surrogate pairs become U+FFFD."""
    if text.isascii() and "\x00" not in text:
        return text
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", REPLACEMENT)


def capped(value: JsonValue, limit: int) -> tuple[JsonValue, bool]:
    """JSON data that is storable and, as UTF-8, at most `limit` bytes long; whether it had to be cut to a preview."""
    value = _clean(value)
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= limit and len(text.encode()) <= limit:
        return value, False
    return {"truncated": True, "preview": text.encode()[:limit].decode(errors="ignore")}, True


def _clean(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if isinstance(value, dict):
        return {storable(key): _clean(each) for key, each in value.items()}
    return value


def _mapping(value: Any) -> dict[Any, Any]:
    # The read-only mappings of frozen values are no dicts to pydantic.
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no data")
