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
"""What the context of a message of the chat page's begins with; the rest is the page's name for the text."""


def load_catalog(path: Path) -> Catalog:
    """What can be used of a .po file: messages that are translated, and have no field that the English one lacks."""
    with path.open("rb") as file:
        whole = read_po(file, locale=path.stem.replace("-", "_"))
    found = Catalog(locale=whole.locale)
    for message in whole:
        if message.id and is_usable(message):
            found[message.id] = message
    return found


def compile_translations(found: Catalog) -> NullTranslations:
    """The same as gettext asks it."""
    compiled = BytesIO()
    write_mo(compiled, found)
    compiled.seek(0)
    return GNUTranslations(compiled)


def list_english_forms(message: Message) -> tuple[str, ...]:
    """The English template, or both of its forms."""
    return _to_tuple(message.id)


def find_template_fields(template: str) -> set[str]:
    """The names of a template's fields. Of one whose braces do not match: a name that no other has."""
    try:
        return {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError:
        return {template}


def is_usable(message: Message) -> bool:
    """Whether it is said: translated, looked at by somebody, and with no field that the English one lacks."""
    strings = _to_tuple(message.string)
    if message.fuzzy or not strings or not all(strings):
        return False
    known = {name for each in list_english_forms(message) for name in find_template_fields(each)}
    if all(find_template_fields(each) <= known for each in strings):
        return True
    log.warning(
        "a translation has other fields than its English text, which is said instead: %r",
        list_english_forms(message)[0],
    )
    return False


def _to_tuple(forms: str | Sequence[str] | None) -> tuple[str, ...]:
    return (forms,) if isinstance(forms, str) else tuple(forms or ())
