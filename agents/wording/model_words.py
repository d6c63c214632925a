"""Make a language model's words safe to show: Markdown without links, images, HTML and invisible characters."""

import unicodedata

from workloads.report.escaping import HIDDEN_CATEGORIES, LINK_PATTERN

MAX_WORDS = 4_000
"""Characters of an answer in a model's words."""

_LINK_SYNTAX = (("](", "] ("), ("][", "] ["), ("]:", "] :"))


def clean_words(words: str) -> str:
    """Return the words without what a page would load or follow: a model has no reason to write links.

    Emphasis, lists, tables and code stay. The words of links stay, too, but lead nowhere.
    """
    seen = "".join(each for each in words[:MAX_WORDS] if each in "\n\t" or not _is_hidden(each)).strip()
    for syntax, plain in _LINK_SYNTAX:
        seen = seen.replace(syntax, plain)
    return LINK_PATTERN.sub(lambda match: f"&#{ord(match[0])};", seen.replace("<", "&lt;"))


def _is_hidden(letter: str) -> bool:
    return (not letter.isascii() and unicodedata.category(letter) in HIDDEN_CATEGORIES) or letter < " "
