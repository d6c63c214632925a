"""Redaction of tool results and errors before a remote language model gets them.

If a tool declares that its result may contain a withheld kind of data, the whole result is withheld. In all others,
lists and objects of a part that is marked as private are left out, names in marked places are replaced, and values of
the log's private columns are replaced there and in each error, whatever the tool declares."""

import asyncio
import logging
import re
import string
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from core.json_data import to_storable, truncate_json
from tools.base import WITHHELD_KINDS, DataKind

log = logging.getLogger(__name__)

FindPrivateWords = Callable[[frozenset[str]], Awaitable[frozenset[str]]]
"""Returns those of the given words that are private. The words have no punctuation or blanks around them.

It ignores case by the rules of the database that has the values, which differ from Python's."""

RESULT_WITHHELD = "This result is shown to the user. It contains data that is not sent to language models."
ERROR_WITHHELD = "The call was refused or failed. The reason is shown to the user."
CHECK_FAILED = "The call succeeded, but its result could not be checked for private data, so it is not sent to you."
CHECK_SECONDS = 60.0
MAX_VALUE_WORDS = 12  # a longer value is not found
_TOKEN = re.compile(rf"[^\s{re.escape(string.punctuation)}]+")
_MIN_ID_DIGITS = 4  # of a number by itself; within a sentence an id has two more

PLACEHOLDER = "[withheld]"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Redaction for one dispatcher. `find_private` searches the log, or the accounts, that its tools work on."""

    find_private: FindPrivateWords
    find_kept: FindPrivateWords | None = None
    """Searches the columns of the user's own. Their values are marked in results, but not in texts about them."""

    async def redact_result(self, data: JsonValue, kinds: frozenset[DataKind], limit: int) -> JsonValue:
        """Return what a remote model gets of a tool's whole result, at most `limit` bytes of JSON."""
        if kinds & WITHHELD_KINDS:
            return RESULT_WITHHELD
        # Longer than the limit, so that no private value is cut in two before it is found.
        head = _Truncation(4 * limit).truncate(leave_out_private(data))
        private = await self._find_private(head, (self.find_private,))
        return CHECK_FAILED if private is None else truncate_json(_redact_value(head, private), limit)[0]

    async def redact_text(self, text: str) -> str:
        """Return what a remote model gets of a text about the log, in which no part is marked."""
        searches = (self.find_private,) if self.find_kept is None else (self.find_private, self.find_kept)
        words = to_storable(text)
        private = await self._find_private(words, searches)
        return CHECK_FAILED if private is None else _redact_text(words, private, key=False)

    async def _find_private(self, data: JsonValue, searches: tuple[FindPrivateWords, ...]) -> frozenset[str] | None:
        """Return the private words in the data; None if they can't be looked up."""
        words = frozenset(word for text, key in _iter_texts(data) for _, _, word in _iter_words(text, key=key))
        private: frozenset[str] = frozenset()
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                for search in searches if words else ():
                    private |= await search(words)
        except Exception:
            log.exception("a result could not be checked for private values")
            return None
        return private

    async def redact_error(self, text: str, kinds: frozenset[DataKind]) -> str:
        """Return what a remote model gets of an error of a tool whose results may hold these kinds."""
        return ERROR_WITHHELD if kinds & WITHHELD_KINDS else str(await self.redact_result(text, kinds, 4_000))


class _Truncation:
    """Cuts JSON data after a number of characters of text."""

    def __init__(self, max_characters: int) -> None:
        self._remaining = max_characters

    def truncate(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            value = to_storable(value)
            text = value if len(value) <= self._remaining else _truncate_text(value, self._remaining)
            self._remaining -= len(text)
            return text
        if isinstance(value, list):
            return [self.truncate(item) for item in value if self._has_room()]
        if isinstance(value, dict):
            return {str(self.truncate(key)): self.truncate(item) for key, item in value.items() if self._has_room()}
        return value

    def _has_room(self) -> bool:
        self._remaining -= 2
        return self._remaining > 0


def _truncate_text(text: str, length: int) -> str:
    """Return the beginning without its last words, among which a value may be cut in two."""
    tokens = list(_TOKEN.finditer(text, 0, max(length, 0)))
    return text[: tokens[-MAX_VALUE_WORDS].start()] if len(tokens) > MAX_VALUE_WORDS else ""


def _iter_texts(value: JsonValue) -> Iterator[tuple[str, bool]]:
    """Yield each text, and whether it is a key."""
    if isinstance(value, str):
        yield value, False
    elif isinstance(value, list):
        for item in value:
            yield from _iter_texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key, True
            yield from _iter_texts(item)


def _iter_words(text: str, *, key: bool) -> Iterator[tuple[int, int, str]]:
    """Yield every part of a text that could be a private value: its beginning, its end and its words."""
    tokens = list(_TOKEN.finditer(text))
    whole = len(tokens) == 1
    for first, begin in enumerate(tokens):
        for end in tokens[first : first + MAX_VALUE_WORDS]:
            word = text[begin.start() : end.end()]
            if _can_be_private(word, whole=whole, key=key):
                yield begin.start(), end.end(), word


def _can_be_private(word: str, *, whole: bool, key: bool) -> bool:
    """Whether it is more than one letter, and no figure."""
    if word.replace(".", "").replace(",", "").isdigit():
        return (whole and key) or (word.isdigit() and len(word) >= _MIN_ID_DIGITS + (0 if whole else 2))
    return len(word) > 1


def _redact_value(value: JsonValue, private: frozenset[str]) -> JsonValue:
    if isinstance(value, str):
        return _redact_text(value, private, key=False)
    if isinstance(value, list):
        return [_redact_value(item, private) for item in value]
    if isinstance(value, dict):
        redacted: dict[str, JsonValue] = {}
        for key, item in value.items():
            name = _redact_text(key, private, key=True)
            if name in redacted:
                name = f"{name} {len(redacted) + 1}"
            while name in redacted:
                name += "*"
            redacted[name] = _redact_value(item, private)
        return redacted
    return value


def _redact_text(text: str, private: frozenset[str], *, key: bool) -> str:
    parts, position = [], 0
    spans = sorted(((begin, -end) for begin, end, word in _iter_words(text, key=key) if word in private))
    for begin, end in spans:  # the longest first of those that begin at the same place
        if begin >= position:
            parts += [text[position:begin], PLACEHOLDER]
            position = -end
    return "".join((*parts, text[position:])) if parts else text


def leave_out_private(data: JsonValue) -> JsonValue:
    """Return the data without what is marked in it, whatever the values are.

    A value that is looked up in the log can be missed, because it was shortened, is very long, or looks like a figure.
    So a result says of its own parts that they hold such values:

    - `{"private": true, "parts": [...]}`: the lists and objects of this object are left out
    - `{"withheld": [true, false], "rows": [...]}`: values in the first column of the rows are replaced
    - `{"private_names": "group", ...}`: the field `group` of the objects below is replaced
    - `{"private_filters": true, "query": {...}, "values": [...]}`: the values of the query's filters and the parameters
      of its statement are replaced
    """
    if isinstance(data, list):
        return [leave_out_private(item) for item in data]
    if not isinstance(data, dict):
        return data
    shown: dict[str, JsonValue] = dict(data)
    if shown.get("private") is True:
        shown = {key: item for key, item in shown.items() if not isinstance(item, list | dict)}
    if shown.get("private_filters") is True:
        shown |= {key: _hide_filters(shown[key]) for key in ("query", "values") if key in shown}
    withheld, rows, field = shown.get("withheld"), shown.get("rows"), shown.get("private_names")
    if isinstance(field, str) and field:
        shown = {key: _hide_field(item, field) for key, item in shown.items()}
    if isinstance(withheld, list) and isinstance(rows, list):
        shown["rows"] = [_hide_columns(row, withheld) for row in rows]
    return {key: leave_out_private(item) for key, item in shown.items()}


def _hide_columns(row: JsonValue, withheld: Sequence[JsonValue]) -> JsonValue:
    if not isinstance(row, list):
        return row
    hidden = [_hide(cell) if is_withheld is True else cell for cell, is_withheld in zip(row, withheld, strict=False)]
    return [*hidden, *row[len(hidden) :]]


def _hide_field(value: JsonValue, field: str) -> JsonValue:
    if isinstance(value, list):
        return [_hide_field(item, field) for item in value]
    if isinstance(value, dict):
        return {key: _hide(item) if key == field else _hide_field(item, field) for key, item in value.items()}
    return value


def _hide_filters(value: JsonValue) -> JsonValue:
    """Return a query, or the list of a statement's parameters, without the values of filters."""
    if isinstance(value, list):
        return [_hide(item) for item in value]
    where = value.get("where") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(where, list):
        return value
    return {**value, "where": [_hide_filter_values(each) for each in where]}


def _hide_filter_values(each: JsonValue) -> JsonValue:
    values = each.get("values") if isinstance(each, dict) else None
    if not isinstance(each, dict) or not isinstance(values, list):
        return each
    return {**each, "values": [_hide(item) for item in values]}


def _hide(value: JsonValue) -> JsonValue:
    """Return a placeholder in place of a text; figures, dates' parts and missing values stay."""
    return PLACEHOLDER if isinstance(value, str) else value
