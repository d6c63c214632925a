"""JSON data: strict parsing of clients' input, and conversion of results to JSON that every database can store."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from pydantic import JsonValue
from pydantic_core import PydanticSerializationError, to_jsonable_python
from pydantic_core import to_json as serialize_json

from core.exceptions import BadInput, TooLarge
from core.i18n.text import Text, text

MAX_DEPTH = 32  # of nested lists and objects; no request of ours has more than three
MAX_DIGITS = 38  # of an integer; each field has its own range besides

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def parse_json(source: str | bytes, *, max_bytes: int) -> Any:
    """Return the parsed value.

    Raises BadInput for anything but UTF-8 JSON, for too deep nesting and for too long numbers; TooLarge, a BadInput,
    for the size.
    """
    if len(source) > max_bytes or (isinstance(source, str) and len(source.encode("utf-8", "replace")) > max_bytes):
        raise TooLarge(text("The JSON is larger than {bytes:,} bytes.", bytes=max_bytes))
    try:
        decoded = source if isinstance(source, str) else source.decode("utf-8")
        value = json.loads(decoded, parse_int=_parse_integer, parse_float=_parse_float, parse_constant=_reject_constant)
    except RecursionError as error:
        raise BadInput(_too_deep_message()) from error
    except UnicodeDecodeError as error:
        raise BadInput(text("This is not UTF-8.")) from error
    except ValueError as error:
        raise BadInput(text("This is not JSON.")) from error
    if decoded.count("[") + decoded.count("{") > MAX_DEPTH and _nesting_depth(value) > MAX_DEPTH:
        _refuse(_too_deep_message())
    return value


def require_storable(value: Any) -> None:
    """Raise BadInput if a string or name in it has a NUL or a lone surrogate: no database stores those."""
    if any(_UNSTORABLE.search(string) for string in _iter_strings(value)):
        _refuse(text("A text contains a NUL character or an unpaired surrogate."))


def _too_deep_message() -> Text:
    return text("Lists and objects can be nested at most {depth} levels deep.", depth=MAX_DEPTH)


def _parse_integer(digits: str) -> int:
    if len(digits.removeprefix("-")) > MAX_DIGITS:
        _refuse(text("A number is too large."))
    return int(digits)


def _parse_float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        _refuse(text("A number is too large."))
    return number


def _reject_constant(name: str) -> NoReturn:
    raise BadInput(text("{name} is not JSON.", name=name))


def _refuse(words: Text) -> NoReturn:
    raise BadInput(words)


def _nesting_depth(value: Any) -> int:
    """Return the depth, up to one beyond MAX_DEPTH; counted level by level, not by recursion."""
    depth, level = 0, [value]
    while (level := [item for item in level if isinstance(item, list | dict)]) and depth <= MAX_DEPTH:
        depth += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


def _iter_strings(value: Any) -> Iterator[str]:
    """Yield all strings in it, including names."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            stack.extend((*item.keys(), *item.values()))
        elif isinstance(item, list):
            stack.extend(item)


REPLACEMENT_CHARACTER = "\ufffd"


def to_jsonable(value: Any) -> JsonValue:
    """Convert a frozen result to JSON data: decimals to strings, infinity and NaN to null.

    Raises TypeError for an object that is not data.
    """
    data: JsonValue = to_jsonable_python(value, inf_nan_mode="null", fallback=_mapping_to_dict)
    return data


def to_storable(text: str) -> str:
    """Replace by U+FFFD what no database stores: NUL and lone surrogates."""
    if text.isascii() and "\x00" not in text:
        return text
    paired = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return paired.replace("\x00", REPLACEMENT_CHARACTER)


def truncate_json(value: JsonValue, limit: int) -> tuple[JsonValue, bool]:
    """Return storable JSON data of at most `limit` bytes as UTF-8, and whether it had to be cut to a preview."""
    value, text = serialize_storable(value)
    return (value, False) if len(text) <= limit else (cut_json(text, limit), True)


def serialize_storable(value: JsonValue) -> tuple[JsonValue, bytes]:
    """Return JSON data that every database stores, and its text as UTF-8."""
    try:
        text = serialize_json(value)
    except PydanticSerializationError:  # a lone surrogate
        text = None
    if text is None or b"\\u0000" in text:  # seldom, and to copy the value takes longer than to look
        value = _to_storable_json(value)
        text = serialize_json(value)
    return value, text


def cut_json(text: bytes, limit: int) -> JsonValue:
    """Return the preview of a longer JSON text."""
    return {"truncated": True, "preview": text[:limit].decode(errors="ignore")}


def _to_storable_json(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return to_storable(value)
    if isinstance(value, list):
        return [_to_storable_json(item) for item in value]
    if isinstance(value, dict):
        return {to_storable(key): _to_storable_json(item) for key, item in value.items()}
    return value


def _mapping_to_dict(value: Any) -> dict[Any, Any]:
    # To pydantic the read-only mappings of frozen values are not dicts.
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON data")
