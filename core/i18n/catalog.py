"""A language's catalog: a .po file with the messages of the server and of the chat page."""

import logging
from collections.abc import Sequence
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from string import Formatter

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

log = logging.getLogger(__name__)

PAGE_CONTEXT_PREFIX = "page "
"""The beginning of the context of the chat page's messages; the rest is the page's name for the text."""


def load_catalog(path: Path) -> Catalog:
    """Return the usable messages of a .po file: translated, and without fields that the English text lacks."""
    with path.open("rb") as file:
        complete = read_po(file, locale=path.stem.replace("-", "_"))
    usable = Catalog(locale=complete.locale)
    for message in complete:
        if message.id and is_usable(message):
            usable[message.id] = message
    return usable


def compile_translations(catalog: Catalog) -> NullTranslations:
    """Return the catalog as gettext's translations."""
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def list_english_forms(message: Message) -> tuple[str, ...]:
    """Return the English template, or both of its plural forms."""
    return _to_tuple(message.id)


def find_template_fields(template: str) -> set[str]:
    """Return the names of a template's fields; for unmatched braces the template itself, which no other one has."""
    try:
        return {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError:
        return {template}


def is_usable(message: Message) -> bool:
    """Whether it can be shown: translated, not fuzzy, and without fields that the English text lacks."""
    strings = _to_tuple(message.string)
    if message.fuzzy or not strings or not all(strings):
        return False
    known = {name for form in list_english_forms(message) for name in find_template_fields(form)}
    if all(find_template_fields(string) <= known for string in strings):
        return True
    log.warning(
        "a translation has other fields than its English text, which is used instead: %r",
        list_english_forms(message)[0],
    )
    return False


def _to_tuple(forms: str | Sequence[str] | None) -> tuple[str, ...]:
    return (forms,) if isinstance(forms, str) else tuple(forms or ())
