"""What Netra says to people: an English sentence that remembers how it was made, so that it can be said otherwise."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Self, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

Value = str | int | float | Decimal
Found = TypeVar("Found", bound="Text")
NOTHING: Mapping[str, Value] = MappingProxyType({})


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

    def __new__(cls, template: str, plural: str | None = None, values: Mapping[str, Value] = NOTHING) -> Self:
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
        return core_schema.no_info_plain_validator_function(revived)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string"}


def text(template: str, /, **values: Value) -> Text:
    """A sentence of ours. `template` is a literal: the catalogues' messages are collected from the calls of this."""
    return Text(template, None, values)


def counted(one: str, other: str = "", /, *, n: int, **values: Value) -> Text:
    """The same where a number decides between forms: `n` is how many, and the field `{n}` writes it.

    One form alone: English has no other there, but a language may.
    """
    return Text(one, other or one, {"n": n, **values})


def quoted(words: str) -> Text:
    """Foreign words where a sentence of ours is asked for: they are said as they are."""
    return words if isinstance(words, Text) else joined("", (words,))


def joined(between: str, parts: Iterable[str]) -> Text:
    """Several, one after the other, with the mark `between` them, which is alike in every language."""
    values: dict[str, Value] = {f"part{number}": part for number, part in enumerate(parts)}
    mark = between.replace("{", "{{").replace("}", "}}")
    return Text(mark.join(f"{{{name}}}" for name in values), None, values)


def revived(given: Any) -> Text:
    """The Text again, of what `netra.language.saying.kept` made of it. Raises ValueError."""
    if isinstance(given, str):
        return quoted(given)
    if not isinstance(given, Mapping) or not isinstance(given.get("text"), str):
        raise ValueError("no sentence")  # noqa: TRY004 - pydantic takes a ValueError for an invalid value
    values = {name: _value(each) for name, each in given.get("values", {}).items()}
    return Text(given["text"], given.get("plural"), values)


def _value(given: Any) -> Value:
    if not isinstance(given, Mapping):
        value: Value = given
        return value
    if "decimal" in given:
        return Decimal(given["decimal"])
    return Figure(given["figure"]) if "figure" in given else revived(given)
