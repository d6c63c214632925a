"""A language that nobody speaks: all that Netra says, between marks. What lacks them was not said in it."""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages import Catalog
from babel.messages.pofile import write_po

from core.i18n.extraction import extract_catalog

OPEN, CLOSE = "⟦", "⟧"


def pseudo(path: Path, only: str | None = None) -> None:
    """Its catalogue, at `path`: its name's stem is the tag, of a language that Babel knows and Netra does not ship.

    `only`: the one text that it has."""
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(_write_catalog(path.stem, only))


@cache
def _extract_catalog() -> Catalog:
    """Once for all tests: parsing every module takes nearly a second."""
    return extract_catalog()


@cache
def _write_catalog(tag: str, only: str | None) -> bytes:
    catalog = Catalog(locale=Locale.parse(tag, sep="-"), fuzzy=False)
    for message in _extract_catalog():
        if message.id and only in (None, message.id):
            catalog.add(message.id, _mark_forms(message.id, catalog.num_plurals), context=message.context)
    file = BytesIO()
    write_po(file, catalog)
    return file.getvalue()


def _mark_forms(found: str | Sequence[str], plurals: int) -> str | tuple[str, ...]:
    if isinstance(found, str):
        return f"{OPEN}{found}{CLOSE}"
    one, other = (f"{OPEN}{form}{CLOSE}" for form in found)
    return (one, *(other for _ in range(plurals - 1)))
