"""A translator's catalogue for a test: German as far as the test says it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from babel.messages import Catalog
from babel.messages.pofile import write_po

from core.i18n import language as i18n_language
from core.i18n.language import Language

Words = Mapping[Any, Any]
"""By the English template, or by both of its forms."""


def german(monkeypatch: pytest.MonkeyPatch, folder: Path, words: Words) -> Language:
    """Spoken here until the test is over. Blocks, and has read its file: whoever says something on a loop may not."""
    catalog, path = Catalog(locale="de"), folder / "de.po"
    for english, translated in words.items():
        catalog.add(english, translated)
    with path.open("wb") as file:
        write_po(file, catalog)
    language = Language("de", path)
    language.load()
    monkeypatch.setattr(i18n_language, "LANGUAGES", {"en": i18n_language.ENGLISH, "de": language})
    return language
