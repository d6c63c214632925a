"""A language's .po file, brought up to what is said now."""

from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages import Catalog
from babel.messages.pofile import read_po, write_po

from netra.language.collected import plain

WIDTH = 110
# What changes by itself would hide what somebody has changed; and what Babel writes where nothing is known.
LEFT_OUT = (b'"POT-Creation-Date:', b'"Generated-By:', b'"Project-Id-Version:', b'"Report-Msgid-Bugs-To:')
UNKNOWN = (b'"PO-Revision-Date: YEAR', b'"Last-Translator: FULL NAME')


def updated(path: Path, now: Catalog) -> bytes:
    """The file as it should be, made where there is none.

    What is not said any more goes. Where only the English words were changed the old translation stays, as fuzzy: it is
    not said before somebody has looked at it. Raises OSError, and PoFileError of Babel for a file that is none.
    """
    locale = Locale.parse(path.stem, sep="-")
    catalog = _read(path, locale) if path.exists() else _begun(locale)
    catalog.update(now, update_creation_date=False)
    written = BytesIO()
    write_po(written, plain(catalog), width=WIDTH, ignore_obsolete=True, include_previous=True)
    return b"".join(
        line for line in written.getvalue().splitlines(keepends=True) if not line.startswith(LEFT_OUT + UNKNOWN)
    )


def _read(path: Path, locale: Locale) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def _begun(locale: Locale) -> Catalog:
    comment = f"# Netra in {locale.english_name}: docs/translations.md says how to go on."
    return Catalog(locale=locale, header_comment=comment, language_team=locale.english_name, fuzzy=False)
