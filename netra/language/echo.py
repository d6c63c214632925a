"""Words of ours that somebody says back to us, such as a question that the page offers."""

import re
from string import Formatter


def english_of(words: str, translated: str, english: str) -> str | None:
    """The English template filled with what stands in the fields of the translated one, where `words` are that."""
    pattern = "".join(
        re.escape(literal) + (f"(?P<{name}>.+?)" if name else "")
        for literal, name, _, _ in Formatter().parse(translated)
    )
    found = re.fullmatch(pattern, words.strip(), re.DOTALL)
    return english.format_map(found.groupdict()) if found else None
