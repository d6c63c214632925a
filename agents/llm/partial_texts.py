"""Texts of a language model that are not complete: still being written, or cut off."""

import re

_UNFINISHED = re.compile(r"\S*\d\S*(?:\s+\S*){0,3}\Z")
_LAST_WORD = re.compile(r"\S+\Z")
_HELD_BACK = 80  # characters at the end of a text that may belong to a number that is still being written


def cut_unfinished(text: str) -> str:
    """Return a text that is still being written without its end, as far as a number or its unit may not be complete."""
    start = max(0, len(text) - _HELD_BACK)
    tail = text[start:]
    match = _UNFINISHED.search(tail) or _LAST_WORD.search(tail)
    if match is None:
        return text
    cut = start + match.start()
    return text[:cut] if cut > start or start == 0 else text[:start]


def end_cut_off(text: str) -> str:
    """Return a text that the server cut off, up to where a number may be incomplete."""
    return f"{cut_unfinished(text).rstrip()} …".lstrip()
