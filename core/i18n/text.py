"""Translatable texts: an English sentence that keeps its template and values, so that it can be translated later.

Includes whole values, such as an agent's result or a report, translated or converted to and from JSON data."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

if TYPE_CHECKING:  # it imports Babel, which child processes that only store texts need not load
    from core.i18n.language import Language


Value = str | int | float | Decimal
NO_VALUES: Mapping[str, Value] = MappingProxyType({})


class FormattedNumber(str):
    """A number as English writes it, with its unit: "$1,234.50", "7.5 %"."""

    __slots__ = ()


class Text(str):
    """A translatable sentence. As a str it is the English one; `Language.translate` returns it in another language.

    `template` has named fields as in str.format, and `values` fill them: names and users' text as str, our own texts as
    Text, numbers as such or as FormattedNumber. With `plural`, the value `n` selects the form: 1 is that of the
    template. Joining, slicing or formatting it as a str results in a plain English str.
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
        # Copied and pickled by its arguments only.
        return None

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(from_json)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string"}


class JsonData(dict[str, Any]):
    """JSON data whose texts are translated already: it is converted no further."""

    __slots__ = ()


def text(template: str, /, **values: Value) -> Text:
    """Return a translatable text. `template` must be a literal, as messages are extracted from the calls."""
    return Text(template, None, values)


def plural_text(one: str, other: str = "", /, *, n: int, **values: Value) -> Text:
    """Return a text with plural forms: `n` selects one, and is the value of the field `{n}`.

    With one form only, English has no other one, but another language may.
    """
    return Text(one, other or one, {"n": n, **values})


def verbatim_text(words: str) -> Text:
    """Return words as a Text that is never translated."""
    if isinstance(words, Text):
        return words
    return Text("{part0}", None, {"part0": words}) if words else Text("")  # as join_texts does, in less time


def join_texts(between: str, parts: Iterable[str]) -> Text:
    """Join texts, without those that are empty, with a separator that is the same in every language."""
    values: dict[str, Value] = {f"part{number}": part for number, part in enumerate(part for part in parts if part)}
    mark = between.replace("{", "{{").replace("}", "}}")
    return Text(mark.join(f"{{{name}}}" for name in values), None, values)


def from_json(data: Any) -> Text:
    """Return the Text that `to_json` has converted. Raises ValueError."""
    if isinstance(data, str):
        return verbatim_text(data)
    if not isinstance(data, Mapping) or not isinstance(data.get("text"), str):
        raise ValueError("no sentence")  # noqa: TRY004 - pydantic takes a ValueError for an invalid value
    values = {name: _value_from_json(value) for name, value in data.get("values", {}).items()}
    return Text(data["text"], data.get("plural"), values)


def _value_from_json(data: Any) -> Value:
    if not isinstance(data, Mapping):
        value: Value = data
        return value
    if "decimal" in data:
        return Decimal(data["decimal"])
    return FormattedNumber(data["figure"]) if "figure" in data else from_json(data)


def translate(value: Any, language: "Language") -> Any:
    """Return the value, ready for `to_jsonable`, with every Text translated; in English the value itself."""
    return value if language.path is None else _TextConverter(language.translate, language.translate).convert(value)


def to_json(value: Any) -> Any:
    """Return the value, ready for `to_jsonable`, with every Text as data from which `from_json` restores it.

    The keys of mappings stay English.
    """
    return _TextConverter(_text_to_json, str.__str__).convert(value)


class FieldNames(dict[type, tuple[str, ...]]):
    """The names of the fields of classes, none of one that is no dataclass. Made for one value whose parts are
    converted, so that each class is looked at once."""

    def __missing__(self, kind: type) -> tuple[str, ...]:
        names = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
        self[kind] = names
        return names


class _TextConverter:
    __slots__ = ("_convert_key", "_convert_text", "_names")

    def __init__(self, convert_text: Callable[[Any], Any], convert_key: Callable[[str], str]) -> None:
        self._convert_text = convert_text
        self._convert_key = convert_key
        self._names = FieldNames()

    def convert(self, value: Any) -> Any:
        # Scalars are looked at in place, as a call for each would take longer than all else.
        if names := self._names[type(value)]:
            parts = [(name, getattr(value, name)) for name in names]
            return {name: part if type(part) in _SCALARS else self.convert(part) for name, part in parts}
        if isinstance(value, Text | FormattedNumber):
            return self._convert_text(value)
        if isinstance(value, list | tuple):
            return [part if type(part) in _SCALARS else self.convert(part) for part in value]
        if isinstance(value, JsonData):
            return value
        if isinstance(value, dict) or isinstance(value, Mapping):  # noqa: SIM101  # the second takes much longer
            return {
                self._convert_key(key) if isinstance(key, str) else key: self.convert(part)
                for key, part in value.items()
            }
        return {name: self.convert(part) for name, part in value} if isinstance(value, BaseModel) else value


_SCALARS = frozenset({str, int, float, bool, type(None), Decimal})


def _text_to_json(words: Any) -> Any:
    if isinstance(words, FormattedNumber):
        return {"figure": str(words)}
    if isinstance(words, Decimal):
        return {"decimal": str(words)}
    if not isinstance(words, Text):
        return words
    data: dict[str, Any] = {"text": words.template}
    if words.plural is not None:
        data["plural"] = words.plural
    if words.values:
        data["values"] = {name: _text_to_json(value) for name, value in words.values.items()}
    return data
