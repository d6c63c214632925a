"""Words of ours that somebody says back to us, such as a question that the page offers."""

from string import Formatter

LONGEST = 1000
"""Characters; the page offers no question that is longer."""


def english_of(words: str, translated: str, english: str) -> str | None:
    """The English template filled with what stands in the fields of the translated one, where `words` are that."""
    words = words.strip()
    if len(words) > LONGEST:
        return None
    fields = _fields(words, [(literal, name) for literal, name, _, _ in Formatter().parse(translated)])
    return None if fields is None else english.format_map(fields)


def _fields(words: str, parts: list[tuple[str, str | None]]) -> dict[str, str] | None:
    """What stands for each name, as little as can be, or None. Nothing is looked at twice: a field ends at the first
    place where the fixed part after it stands, and what stands before the last fixed part is the last field."""
    *inner, (end, open_field) = parts or [("", None)]
    if open_field is not None:
        inner, end = [*inner, (end, open_field)], ""
    found: dict[str, str] = {}
    at, waiting = 0, None  # where the next part begins, and the field before it
    for literal, name in inner:
        start = at if waiting is None else words.find(literal, at + 1)
        if start < 0 or not words.startswith(literal, start):
            return None
        if waiting is not None:
            found[waiting] = words[at:start]
        at, waiting = start + len(literal), name
    start = len(words) - len(end)
    if not words.endswith(end) or (start <= at if waiting is not None else start != at):
        return None
    return found if waiting is None else found | {waiting: words[at:start]}
