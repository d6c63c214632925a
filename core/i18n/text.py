"""Translatable texts: an English sentence that keeps its template and values, so that it can be translated later.

Includes whole values, such as an agent's result or a report, translated or converted to and from JSON data."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

if TYPE_CHECKING:  # it brings Babel, for which a child that only keeps what it says need not wait
    from core.i18n.language import Language


Value = str | int | float | Decimal
NO_VALUES: Mapping[str, Value] = MappingProxyType({})


class Figure(str):
    """A number as English writes it, with whatever stands about it: "$1,234.50", "7.5 %"."""

    __slots__ = ()


class Text(str):
    """As a str it is the English sentence; `Language.say` says it in another language.

    `template` has named fields as of str.format, `values` what stands in them: names and other foreign text as str,
    what is ours as Text, numbers as such or as Figure. With `plural`, the value `n` chooses: 1 is the template's.
    Whatever joins, cuts or formats it as a str gets the English words, and the memory is lost.
    """

    __slots__ = ("plural", "template", "values")

    template: str
    plural: str | None
    values: Mapping[str, Value]

    def __new__(cls, template: str, plural: str | None = None, values: Mapping[str, Value] = NO_VALUES) -> Self:
        words = template if plural is None or values["n"] == 1 else plural
        self = super().__new__(cls, words.format_map(values) if values else words)
        self.template, self.plural, self.values = template, plural, values
        return self

    def __str__(self) -> str:
        # Itself: str(error) of an exception that was raised with a Text is that Text.
        return self

    def __getnewargs__(self) -> tuple[str, str | None, dict[str, Value]]:  # type: ignore[override]
        return self.template, self.plural, dict(self.values)

    def __getstate__(self) -> None:
        # Copied and pickled by its arguments alone.
        return None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(from_json)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string"}


def text(template: str, /, **values: Value) -> Text:
    """A sentence of ours. `template` is a literal: the catalogues' messages are collected from the calls of this."""
    return Text(template, None, values)


def plural_text(one: str, other: str = "", /, *, n: int, **values: Value) -> Text:
    """The same where a number decides between forms: `n` is how many, and the field `{n}` writes it.

    One form alone: English has no other there, but a language may.
    """
    return Text(one, other or one, {"n": n, **values})


def verbatim_text(words: str) -> Text:
    """Foreign words where a sentence of ours is asked for: they are said as they are."""
    return words if isinstance(words, Text) else join_texts("", (words,))


def join_texts(between: str, parts: Iterable[str]) -> Text:
    """Several, one after the other, with the mark `between` them, which is alike in every language."""
    values: dict[str, Value] = {f"part{number}": part for number, part in enumerate(parts)}
    mark = between.replace("{", "{{").replace("}", "}}")
    return Text(mark.join(f"{{{name}}}" for name in values), None, values)


def from_json(given: Any) -> Text:
    """The Text again, of what `core.i18n.text.to_json` made of it. Raises ValueError."""
    if isinstance(given, str):
        return verbatim_text(given)
    if not isinstance(given, Mapping) or not isinstance(given.get("text"), str):
        raise ValueError("no sentence")  # noqa: TRY004 - pydantic takes a ValueError for an invalid value
    values = {name: _value_from_json(each) for name, each in given.get("values", {}).items()}
    return Text(given["text"], given.get("plural"), values)


def _value_from_json(given: Any) -> Value:
    if not isinstance(given, Mapping):
        value: Value = given
        return value
    if "decimal" in given:
        return Decimal(given["decimal"])
    return Figure(given["figure"]) if "figure" in given else from_json(given)


def translate(value: Any, language: "Language") -> Any:
    """The value, ready for `jsonable`, with every Text in the language. In English the value itself."""
    return value if language.path is None else _convert_texts(value, language.translate, language.translate)


def to_json(value: Any) -> Any:
    """The value, ready for `jsonable`, with every Text as data that `revived` makes a Text of again.

    The keys of mappings are kept in English.
    """
    return _convert_texts(value, _text_to_json, str.__str__)


def _convert_texts(value: Any, of: Callable[[Any], Any], of_key: Callable[[str], str]) -> Any:
    if isinstance(value, Text | Figure):
        return of(value)
    if isinstance(value, Mapping):
        return {
            of_key(key) if isinstance(key, str) else key: _convert_texts(each, of, of_key)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_convert_texts(each, of, of_key) for each in value]
    return {name: _convert_texts(each, of, of_key) for name, each in _fields_of(value)} or value


def _fields_of(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, BaseModel):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    return []


def _text_to_json(words: Any) -> Any:
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
        data["values"] = {name: _text_to_json(each) for name, each in words.values.items()}
    return data
