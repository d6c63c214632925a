"""The languages that there are, and which of them somebody asks for."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from netra.language.language import Language

LONGEST_HEADER = 1000  # of an Accept-Language; what follows is not looked at
LONGEST_TAG = 35  # characters, as BCP 47 recommends for all that handle tags
FOLDER = Path(__file__).parent / "locale"
ENGLISH = Language("en")
LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {"en": ENGLISH} | {path.stem: Language(path.stem, path) for path in sorted(FOLDER.glob("*.po"))}
)
"""By tag. A file in `locale/` is a language."""


def read_languages() -> None:
    for each in LANGUAGES.values():
        each.read()


def language_of(tag: str) -> Language:
    """The language of a tag such as "de-AT": that one, or the one it is a kind of, or English."""
    return _spoken(tag) or ENGLISH


def asked_for(accept_language: str) -> Language:
    """The first of an Accept-Language header's that Netra speaks, by their weights; English without any."""
    ordered = sorted(_weighted(accept_language), key=lambda each: -each[0])
    return next((language for _, tag in ordered if (language := _spoken(tag))), ENGLISH)


def _spoken(tag: str) -> Language | None:
    if len(tag) > LONGEST_TAG:
        return None  # its beginnings are looked up one after the other: what that costs grows with the square
    known = {name.lower(): language for name, language in LANGUAGES.items()}
    parts = tag.strip().lower().replace("_", "-").split("-")
    wider = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((known[each] for each in wider if each in known), None)


def _weighted(header: str) -> Iterable[tuple[float, str]]:
    for part in header[:LONGEST_HEADER].split(",")[:20]:
        tag, _, weight = part.strip().partition(";")
        try:
            quality = float(weight.partition("q=")[2] or 1)
        except ValueError:
            continue
        if quality > 0:
            yield quality, tag
