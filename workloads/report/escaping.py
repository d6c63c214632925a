r"""Escape text from a log or a model so that it is safe in Markdown, in a terminal and on a page.

It must not become HTML, a control or ANSI sequence, an invisible or bidirectional character, a table cell, a code span,
a link or an image. Escaped characters stay visible as \uXXXX."""

import re
import unicodedata

from core.i18n.text import Text, join_texts, text

MAX_NAME_LENGTH = 80
MAX_TEXT_LENGTH = 600

HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
MARKUP_CHARACTERS = frozenset("<>|`[]\\")
EMPHASIS_PATTERN = re.compile(r"\*|~|(?<!\w)_|_(?!\w)")
MARKUP_PATTERN = re.compile(f"[{re.escape(''.join(sorted(MARKUP_CHARACTERS)))}]")
LINK_PATTERN = re.compile(r"(?i):(?=//)|(?<=mailto):|(?<=www)\.|@(?=\w)")


def escape_name(name: str | None) -> Text:
    """Return a name from the log (model, feature, file) as a code span; *not logged* for None."""
    if name is None:
        return text("*not logged*")
    return (
        join_texts("", (f"`{_escape_active(_truncate(name, MAX_NAME_LENGTH))}`",))
        if name.strip()
        else text("`(blank)`")
    )


def escape_prose(words: str) -> str:
    """Return a sentence that may contain names from the log as plain Markdown text on one line."""
    plain = _escape_active(_truncate(words, MAX_TEXT_LENGTH))
    # The patterns look at each character, so only texts that have what they begin with are searched.
    if ":" in plain or "@" in plain or "www." in plain.lower():
        plain = LINK_PATTERN.sub(_escape_match, plain)
    if "*" in plain or "_" in plain or "~" in plain:
        plain = EMPHASIS_PATTERN.sub(_escape_match, plain)
    return plain


def escape_terminal(line: str) -> str:
    """Return a line for a terminal: markup stays, characters that a terminal would interpret are escaped."""
    return "".join(
        _escape_character(char) if unicodedata.category(char) in HIDDEN_CATEGORIES else char for char in line
    )


def _truncate(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[: longest - 1] + "…"


def _escape_active(words: str) -> str:
    if words.isprintable():  # none of the hidden categories is
        return words if MARKUP_CHARACTERS.isdisjoint(words) else MARKUP_PATTERN.sub(_escape_match, words)
    return "".join(_escape_character(char) if _is_active(char) else char for char in words)


def _is_active(char: str) -> bool:
    return char in MARKUP_CHARACTERS or unicodedata.category(char) in HIDDEN_CATEGORIES


def _escape_match(match: re.Match[str]) -> str:
    return _escape_character(match.group())


def _escape_character(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
