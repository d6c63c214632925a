"""JSON from a client: the one way that a request's body and a websocket's frame are read."""

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from netra.core.exceptions import BadInput, TooLarge
from netra.language.text import Text, text

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
        value = json.loads(written, parse_int=_integer, parse_float=_float, parse_constant=_constant)
    except RecursionError as error:
        raise BadInput(_too_deep()) from error
    except UnicodeDecodeError as error:
        raise BadInput(text("This is not UTF-8.")) from error
    except ValueError as error:
        raise BadInput(text("This is not JSON.")) from error
    if written.count("[") + written.count("{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        _refuse(_too_deep())
    return value


def require_storable(value: Any) -> None:
    """Raise BadInput where a text in it, or a name, has a NUL or half a character: no database takes those."""
    if any(_UNSTORABLE.search(each) for each in _strings(value)):
        _refuse(text("A text contains a NUL or half a character."))


def _too_deep() -> Text:
    return text("Lists and objects can be nested at most {depth} levels deep.", depth=MAX_DEPTH)


def _integer(digits: str) -> int:
    if len(digits.removeprefix("-")) > MAX_DIGITS:
        _refuse(text("A number is too large."))
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        _refuse(text("A number is too large."))
    return number


def _constant(name: str) -> NoReturn:
    raise BadInput(text("{name} is not JSON.", name=name))


def _refuse(words: Text) -> NoReturn:
    raise BadInput(words)


def _depth(value: Any) -> int:
    """Counted level by level, not by recursion; to one beyond MAX_DEPTH at most."""
    depth, level = 0, [value]
    while (level := [each for each in level if isinstance(each, list | dict)]) and depth <= MAX_DEPTH:
        depth += 1
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]
    return depth


def _strings(value: Any) -> Iterator[str]:
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
