"""How far a language's translation is."""

from dataclasses import dataclass
from pathlib import Path

from babel.messages import Catalog
from babel.messages.pofile import read_po

from netra.language.catalogue import usable


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Messages by what becomes of them: said in the language; said in English, as there is no translation (missing) or
    somebody must look at the one that there is (unsure); in the file, but not said any more (stale)."""

    translated: int
    missing: int
    unsure: int
    stale: int


def standing(path: Path, now: Catalog) -> Standing:
    """Of a .po file, against all that is said now."""
    with path.open("rb") as file:
        there = read_po(file, locale=path.stem.replace("-", "_"))
    said = [there.get(message.id, message.context) for message in now if message.id]
    known = [message for message in said if message is not None and message.string and any(message.string)]
    translated = sum(usable(message) for message in known)
    return Standing(
        translated=translated,
        missing=len(said) - len(known),
        unsure=len(known) - translated,
        stale=sum(bool(message.id) and now.get(message.id, message.context) is None for message in there),
    )
