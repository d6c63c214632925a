"""A language's translations, as translators keep them: a .po file, with messages for the server and for the page."""

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

PAGE = "page "
"""What the context of a message of the chat page's begins with; the rest is the page's name for the text."""


def catalogue(path: Path) -> Catalog:
    """What can be used of a .po file: messages that are translated, and have no field that the English one lacks."""
    with path.open("rb") as file:
        whole = read_po(file, locale=path.stem.replace("-", "_"))
    found = Catalog(locale=whole.locale)
    for message in whole:
        if message.id and usable(message):
            found[message.id] = message
    return found


def translations(found: Catalog) -> NullTranslations:
    """The same as gettext asks it."""
    compiled = BytesIO()
    write_mo(compiled, found)
    compiled.seek(0)
    return GNUTranslations(compiled)


def ids(message: Message) -> tuple[str, ...]:
    """The English template, or both of its forms."""
    return _each(message.id)


def fields(template: str) -> set[str]:
    """The names of a template's fields. Of one whose braces do not match: a name that no other has."""
    try:
        return {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError:
        return {template}


def usable(message: Message) -> bool:
    """Whether it is said: translated, looked at by somebody, and with no field that the English one lacks."""
    strings = _each(message.string)
    if message.fuzzy or not strings or not all(strings):
        return False
    known = {name for each in ids(message) for name in fields(each)}
    if all(fields(each) <= known for each in strings):
        return True
    log.warning("a translation has other fields than its English text, which is said instead: %r", ids(message)[0])
    return False


def _each(forms: str | Sequence[str] | None) -> tuple[str, ...]:
    return (forms,) if isinstance(forms, str) else tuple(forms or ())
