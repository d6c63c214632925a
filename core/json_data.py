"""JSON data: strict parsing of clients' input, and conversion of results to JSON that every database can store."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from pydantic import JsonValue
from pydantic_core import to_jsonable_python

from core.exceptions import BadInput, TooLarge
from core.i18n.text import Text, text

MAX_DEPTH = 32  # lists and objects in one another; no request of ours has more than three
MAX_DIGITS = 38  # of an integer; which field takes how much is the field's own matter

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def parse_json(source: str | bytes, *, max_bytes: int) -> Any:
    """The value. Raises BadInput for whatever is not JSON of UTF-8, is larger, nested more deeply, or has a number of
    hundreds of digits in it; TooLarge, a BadInput, for the size."""
    if len(source) > max_bytes or (isinstance(source, str) and len(source.encode("utf-8", "replace")) > max_bytes):
        raise TooLarge(text("This is more than {bytes:,} bytes of JSON.", bytes=max_bytes))
    try:
        written = source if isinstance(source, str) else source.decode("utf-8")
        value = json.loads(written, parse_int=_parse_integer, parse_float=_parse_float, parse_constant=_reject_constant)
    except RecursionError as error:
        raise BadInput(_too_deep_message()) from error
    except UnicodeDecodeError as error:
        raise BadInput(text("This is not UTF-8.")) from error
    except ValueError as error:
        raise BadInput(text("This is not JSON.")) from error
    if written.count("[") + written.count("{") > MAX_DEPTH and _nesting_depth(value) > MAX_DEPTH:
        _refuse(_too_deep_message())
    return value


def require_storable(value: Any) -> None:
    """Raise BadInput where a text in it, or a name, has a NUL or half a character: no database takes those."""
    if any(_UNSTORABLE.search(each) for each in _iter_strings(value)):
        _refuse(text("A text contains a NUL or half a character."))


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
    """Counted level by level, not by recursion; to one beyond MAX_DEPTH at most."""
    depth, level = 0, [value]
    while (level := [each for each in level if isinstance(each, list | dict)]) and depth <= MAX_DEPTH:
        depth += 1
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    return depth


def _iter_strings(value: Any) -> Iterator[str]:
    """Every text in it, names included."""
    level = [value]
    while level:
        each = level.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            level.extend((*each.keys(), *each.values()))
        elif isinstance(each, list):
            level.extend(each)


REPLACEMENT_CHARACTER = "\ufffd"


def to_jsonable(value: Any) -> JsonValue:
    """A frozen result as JSON data: decimals as strings, what JSON has no number for as null.

    Raises TypeError for an object that is no data.
    """
    data: JsonValue = to_jsonable_python(value, inf_nan_mode="null", fallback=_mapping_to_dict)
    return data


def to_storable(text: str) -> str:
    """The text without what no database takes: NUL and halves of surrogate pairs become U+FFFD."""
    if text.isascii() and "\x00" not in text:
        return text
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\x00", REPLACEMENT_CHARACTER)


def truncate_json(value: JsonValue, limit: int) -> tuple[JsonValue, bool]:
    """JSON data that is storable and, as UTF-8, at most `limit` bytes long; whether it had to be cut to a preview."""
    value = _to_storable_json(value)
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= limit and len(text.encode()) <= limit:
        return value, False
    return {"truncated": True, "preview": text.encode()[:limit].decode(errors="ignore")}, True


def _to_storable_json(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return to_storable(value)
    if isinstance(value, list):
        return [_to_storable_json(each) for each in value]
    if isinstance(value, dict):
        return {to_storable(key): _to_storable_json(each) for key, each in value.items()}
    return value


def _mapping_to_dict(value: Any) -> dict[Any, Any]:
    # The read-only mappings of frozen values are no dicts to pydantic.
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no data")
