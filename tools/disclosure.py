"""Redaction of what a remote language model gets of a call.

A result that its tool declares to hold a withheld kind of data is withheld whole. In all others, and in each error,
values of the log's private columns are replaced, whatever the tool declares."""

import asyncio
import logging
import re
import string
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from core.json_data import to_storable, truncate_json
from tools.base import WITHHELD_KINDS, DataKind

log = logging.getLogger(__name__)

FindPrivateWords = Callable[[frozenset[str]], Awaitable[frozenset[str]]]
"""Which of these words, as they stand but without punctuation and blanks around them, are private, in any case.

What is upper and lower case is for whoever has the values to say: Python and a database differ in it."""

PLACEHOLDER = "[withheld]"
RESULT_WITHHELD = "This result is shown to the user. It holds data that is not sent to a language model."
ERROR_WITHHELD = "The call was refused or failed. The user is shown why."
CHECK_FAILED = "The call was made, but its result could not be checked and is not sent to a language model."
CHECK_SECONDS = 60.0
MAX_VALUE_WORDS = 12  # that a value may have and still be found
_TOKEN = re.compile(rf"[^\s{re.escape(string.punctuation)}]+")
_MIN_ID_DIGITS = 4  # a number by itself is an id only from so many digits on, and within a sentence from two more


@dataclass(frozen=True, slots=True)
class Disclosure:
    """For one dispatcher. `find_private` looks at the log, or the accounts, that its tools work on."""

    find_private: FindPrivateWords

    async def redact_result(self, data: JsonValue, holds: frozenset[DataKind], limit: int) -> JsonValue:
        """What a remote model gets of a tool's whole result, at most `limit` bytes of JSON."""
        if holds & WITHHELD_KINDS:
            return RESULT_WITHHELD
        # More than what fits, so that nothing is cut in the middle before it has been looked at.
        head = _Truncation(4 * limit).truncate(data)
        wanted = frozenset(word for text, key in _iter_texts(head) for _, _, word in _iter_words(text, key=key))
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                private = await self.find_private(wanted) if wanted else frozenset()
        except Exception:
            log.exception("a result could not be checked for private values")
            return CHECK_FAILED
        return truncate_json(_redact_value(head, private) if private else head, limit)[0]

    async def redact_error(self, text: str, holds: frozenset[DataKind]) -> str:
        """What a remote model gets of an error."""
        return ERROR_WITHHELD if holds & WITHHELD_KINDS else str(await self.redact_result(text, holds, 4_000))


class _Truncation:
    """The beginning of JSON data, of so many characters of text; the rest is left out whole."""

    def __init__(self, most: int) -> None:
        self._remaining = most

    def truncate(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            value = to_storable(value)
            kept = value if len(value) <= self._remaining else _truncate_text(value, self._remaining)
            self._remaining -= len(kept)
            return kept
        if isinstance(value, list):
            return [self.truncate(each) for each in value if self._has_room()]
        if isinstance(value, dict):
            return {str(self.truncate(key)): self.truncate(each) for key, each in value.items() if self._has_room()}
        return value

    def _has_room(self) -> bool:
        self._remaining -= 2
        return self._remaining > 0


def _truncate_text(text: str, length: int) -> str:
    """Without the last words, one of which may be cut."""
    tokens = list(_TOKEN.finditer(text, 0, max(length, 0)))
    return text[: tokens[-MAX_VALUE_WORDS].start()] if len(tokens) > MAX_VALUE_WORDS else ""


def _iter_texts(value: JsonValue) -> Iterator[tuple[str, bool]]:
    """Each text, and whether it is a key."""
    if isinstance(value, str):
        yield value, False
    elif isinstance(value, list):
        for each in value:
            yield from _iter_texts(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key, True
            yield from _iter_texts(each)


def _iter_words(text: str, *, key: bool) -> Iterator[tuple[int, int, str]]:
    """Everything in a text that a value could be: from where, to where, and what stands there."""
    tokens = list(_TOKEN.finditer(text))
    whole = len(tokens) == 1
    for first, begin in enumerate(tokens):
        for end in tokens[first : first + MAX_VALUE_WORDS]:
            word = text[begin.start() : end.end()]
            if _can_be_private(word, whole=whole, key=key):
                yield begin.start(), end.end(), word


def _can_be_private(word: str, *, whole: bool, key: bool) -> bool:
    """Not a letter by itself, nor a figure."""
    if word.replace(".", "").replace(",", "").isdigit():
        return (whole and key) or (word.isdigit() and len(word) >= _MIN_ID_DIGITS + (0 if whole else 2))
    return len(word) > 1


def _redact_value(value: JsonValue, private: frozenset[str]) -> JsonValue:
    if isinstance(value, str):
        return _redact_text(value, private, key=False)
    if isinstance(value, list):
        return [_redact_value(each, private) for each in value]
    if isinstance(value, dict):
        found: dict[str, JsonValue] = {}
        for key, each in value.items():
            name = _redact_text(key, private, key=True)
            if name in found:
                name = f"{name} {len(found) + 1}"
            while name in found:
                name += "*"
            found[name] = _redact_value(each, private)
        return found
    return value


def _redact_text(text: str, private: frozenset[str], *, key: bool) -> str:
    out, at = [], 0
    spans = sorted(((begin, -end) for begin, end, word in _iter_words(text, key=key) if word in private))
    for begin, end in spans:  # of those that begin together, the longest first
        if begin >= at:
            out += [text[at:begin], PLACEHOLDER]
            at = -end
    return "".join((*out, text[at:])) if out else text
