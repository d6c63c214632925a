"""Split a question into tokens: runs of letters and digits, and the signs that matter. Linear in the text's length."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

MAX_CHARACTERS = 4_000
MAX_TOKENS = 600
DASHES = ("-", "\u2013")
"""The hyphen, and the dash of ranges."""

_TOKEN = re.compile(r"[^\W_]+|[%$€?!\"“”„«»=;]")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NUMBER = re.compile(r"\d[\d.,'\u2019]*")


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is folded for comparison, `raw` as written; `start` and `end` are places in the question.

    `gap` is what stands between the token and the one before it, at most three characters.
    """

    text: str
    raw: str
    start: int
    end: int
    gap: str = " "

    @property
    def is_capitalized(self) -> bool:
        return self.raw[:1].isupper()

    @property
    def is_word(self) -> bool:
        return self.raw[:1].isalnum()


def fold(words: str) -> str:
    """Return the words for comparison: lower case, without accents."""
    if words.isascii():
        return words.lower()  # nearly all words, and there is nothing to decompose
    decomposed = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def tokenize(question: str) -> tuple[Token, ...]:
    """Return the tokens of the first MAX_CHARACTERS characters, at most MAX_TOKENS."""
    tokens: list[Token] = []
    for match in _TOKEN.finditer(question[:MAX_CHARACTERS]):
        if len(tokens) == MAX_TOKENS:
            break
        gap = question[tokens[-1].end : match.start()][:3] if tokens else " "
        tokens.append(Token(fold(match[0]), match[0], match.start(), match.end(), gap))
    return tuple(tokens)


def fold_name(name: str) -> tuple[str, ...]:
    """Return a name of the log as tokens: "gpt-4o-mini" is gpt, 4o, mini."""
    return tuple(token.text for token in tokenize(name) if token.is_word)


def iter_column_names(column: str) -> Iterator[tuple[str, ...]]:
    """Yield the ways to say a column's name, the whole of it first: "log type" for logType, and for metadata.log_type
    also without its path."""
    for name in dict.fromkeys((column, column.rpartition(".")[2])):
        spaced = _HUMP.sub(" ", name)
        yield from dict.fromkeys((fold_name(name), fold_name(spaced), ("".join(fold_name(name)),)))


def parse_number(question: str, token: Token) -> tuple[Decimal, int] | None:
    """Return the number that starts at `token` and the place where it ends; None if there is none.

    A single separator with three digits after it separates thousands, as in 20,000 and 20.000; not in 0.056.
    """
    match = _NUMBER.match(question, token.start)
    if match is None or match.end() < token.end:
        return None
    digits = match[0].rstrip(".,'\u2019")
    parts = re.split(r"[.,'\u2019]", digits)
    is_grouped = len(parts) > 1 and all(len(part) == 3 for part in parts[1:]) and len(parts[0]) <= 3
    is_grouped = is_grouped and not parts[0].startswith("0")  # 0.056 is less than one
    number = "".join(parts) if is_grouped else "".join(parts[:-1]) + "." + parts[-1] if len(parts) > 1 else digits
    try:
        return Decimal(number), token.start + len(digits)
    except InvalidOperation:
        return None
