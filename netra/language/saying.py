"""Whole values, such as an agent's result or a report, with what is in them of ours said in a language, or kept."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from netra.language.text import Figure, Text

if TYPE_CHECKING:  # it brings Babel, for which a child that only keeps what it says need not wait
    from netra.language.language import Language


def said(value: Any, language: "Language") -> Any:
    """The value, ready for `jsonable`, with every Text in the language. In English the value itself."""
    return value if language.path is None else _with(value, language.say, language.say)


def kept(value: Any) -> Any:
    """The value, ready for `jsonable`, with every Text as data that `revived` makes a Text of again.

    The keys of mappings are kept in English.
    """
    return _with(value, _data, str.__str__)


def _with(value: Any, of: Callable[[Any], Any], of_key: Callable[[str], str]) -> Any:
    if isinstance(value, Text | Figure):
        return of(value)
    if isinstance(value, Mapping):
        return {of_key(key) if isinstance(key, str) else key: _with(each, of, of_key) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_with(each, of, of_key) for each in value]
    return {name: _with(each, of, of_key) for name, each in _fields(value)} or value


def _fields(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, BaseModel):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    return []


def _data(words: Any) -> Any:
    if isinstance(words, Figure):
        return {"figure": str(words)}
    if isinstance(words, Decimal):
        return {"decimal": str(words)}
    if not isinstance(words, Text):
        return words
    data: dict[str, Any] = {"text": words.template}
    if words.plural is not None:
        data["plural"] = words.plural
    if words.values:
        data["values"] = {name: _data(each) for name, each in words.values.items()}
    return data
