"""Text from a log or a model, made safe to show in Markdown, in a terminal and on a page.

Nothing of it can act: no HTML, control or ANSI characters, invisible or direction-changing characters, table cells,
code spans, links or images. What is taken out stays visible as \\uXXXX.
"""

import re
import unicodedata

from netra.language.text import Text, joined, text

LONGEST_NAME = 80
LONGEST_TEXT = 600

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
MARKUP = frozenset("<>|`[]\\")
EMPHASIS = re.compile(r"\*|~|(?<!\w)_|_(?!\w)")
LINK = re.compile(r"(?i):(?=//)|(?<=mailto):|(?<=www)\.|@(?=\w)")


def name(given: str | None) -> Text:
    """A name from the log (model, feature, file) as a code span; *not logged* for None."""
    if given is None:
        return text("*not logged*")
    return joined("", (f"`{_visible(_short(given, LONGEST_NAME))}`",)) if given.strip() else text("`(blank)`")


def prose(words: str) -> str:
    """A sentence that may hold names from the log, as plain Markdown text on one line."""
    plain = _visible(_short(words, LONGEST_TEXT))
    return EMPHASIS.sub(_code, LINK.sub(_code, plain))


def visible(line: str) -> str:
    """A line for a terminal: markup stays, nothing that a terminal would act on does."""
    return "".join(_escape(char) if unicodedata.category(char) in HIDDEN else char for char in line)


def _short(words: str, longest: int) -> str:
    return words if len(words) <= longest else words[: longest - 1] + "…"


def _visible(words: str) -> str:
    if words.isascii() and words.isprintable() and MARKUP.isdisjoint(words):
        return words  # nearly all of it is
    return "".join(_escape(char) if _acts(char) else char for char in words)


def _acts(char: str) -> bool:
    return char in MARKUP or unicodedata.category(char) in HIDDEN


def _code(match: re.Match[str]) -> str:
    return _escape(match.group())


def _escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
