"""What a remote language model is told of a call: nothing of a kind that the notice denies.

A result that its tool declares to hold such a kind is withheld whole. In all others, and in each error, words that are
values of the log's private columns are taken out, whatever the tool declares.
"""

import asyncio
import logging
import re
import string
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from netra.core.jsonable import capped, storable
from tools.kinds import DENIED, Kind

log = logging.getLogger(__name__)

Find = Callable[[frozenset[str]], Awaitable[frozenset[str]]]
"""Which of these words, as they stand but without punctuation and blanks around them, are private, in any case.

What is upper and lower case is for whoever has the values to say: Python and a database differ in it."""

INSTEAD = "[withheld]"
WITHHELD = "This result is shown to the user. It holds data that is not sent to a language model."
REFUSED = "The call was refused or failed. The user is shown why."
FAILED = "The call was made, but its result could not be checked and is not sent to a language model."
SECONDS = 60.0
WORDS = 12  # that a value may have and still be found
_TOKEN = re.compile(rf"[^\s{re.escape(string.punctuation)}]+")
_ID_DIGITS = 4  # a number by itself is an id only from so many digits on, and within a sentence from two more


@dataclass(frozen=True, slots=True)
class Disclosure:
    """For one dispatcher. `find` looks at the log, or the accounts, that its tools work on."""

    find: Find

    async def of(self, data: JsonValue, holds: frozenset[Kind], limit: int) -> JsonValue:
        """What a remote model gets of a tool's whole result, at most `limit` bytes of JSON."""
        if holds & DENIED:
            return WITHHELD
        # More than what fits, so that nothing is cut in the middle before it has been looked at.
        head = _Head(4 * limit).of(data)
        wanted = frozenset(word for text, key in _texts(head) for _, _, word in _words(text, key=key))
        try:
            async with asyncio.timeout(SECONDS):
                private = await self.find(wanted) if wanted else frozenset()
        except Exception:
            log.exception("a result could not be checked for private values")
            return FAILED
        return capped(_without(head, private) if private else head, limit)[0]

    async def words(self, text: str, holds: frozenset[Kind]) -> str:
        """What a remote model gets of an error."""
        return REFUSED if holds & DENIED else str(await self.of(text, holds, 4_000))


class _Head:
    """The beginning of JSON data, of so many characters of text; the rest is left out whole."""

    def __init__(self, most: int) -> None:
        self._left = most

    def of(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            value = storable(value)
            kept = value if len(value) <= self._left else _cut(value, self._left)
            self._left -= len(kept)
            return kept
        if isinstance(value, list):
            return [self.of(each) for each in value if self._goes_on()]
        if isinstance(value, dict):
            return {str(self.of(key)): self.of(each) for key, each in value.items() if self._goes_on()}
        return value

    def _goes_on(self) -> bool:
        self._left -= 2
        return self._left > 0


def _cut(text: str, length: int) -> str:
    """Without the last words, one of which may be cut."""
    tokens = list(_TOKEN.finditer(text, 0, max(length, 0)))
    return text[: tokens[-WORDS].start()] if len(tokens) > WORDS else ""


def _texts(value: JsonValue) -> Iterator[tuple[str, bool]]:
    """Each text, and whether it is a key."""
    if isinstance(value, str):
        yield value, False
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key, True
            yield from _texts(each)


def _words(text: str, *, key: bool) -> Iterator[tuple[int, int, str]]:
    """Everything in a text that a value could be: from where, to where, and what stands there."""
    tokens = list(_TOKEN.finditer(text))
    whole = len(tokens) == 1
    for first, begin in enumerate(tokens):
        for end in tokens[first : first + WORDS]:
            word = text[begin.start() : end.end()]
            if _can_be_private(word, whole=whole, key=key):
                yield begin.start(), end.end(), word


def _can_be_private(word: str, *, whole: bool, key: bool) -> bool:
    """Not a letter by itself, nor a figure."""
    if word.replace(".", "").replace(",", "").isdigit():
        return (whole and key) or (word.isdigit() and len(word) >= _ID_DIGITS + (0 if whole else 2))
    return len(word) > 1


def _without(value: JsonValue, private: frozenset[str]) -> JsonValue:
    if isinstance(value, str):
        return _replaced(value, private, key=False)
    if isinstance(value, list):
        return [_without(each, private) for each in value]
    if isinstance(value, dict):
        found: dict[str, JsonValue] = {}
        for key, each in value.items():
            name = _replaced(key, private, key=True)
            if name in found:
                name = f"{name} {len(found) + 1}"
            while name in found:
                name += "*"
            found[name] = _without(each, private)
        return found
    return value


def _replaced(text: str, private: frozenset[str], *, key: bool) -> str:
    out, at = [], 0
    spans = sorted(((begin, -end) for begin, end, word in _words(text, key=key) if word in private))
    for begin, end in spans:  # of those that begin together, the longest first
        if begin >= at:
            out += [text[at:begin], INSTEAD]
            at = -end
    return "".join((*out, text[at:])) if out else text
