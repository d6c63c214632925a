"""Languages that Netra does not ship, for a server that a test starts."""

from pathlib import Path
from types import MappingProxyType

from core.i18n import language


def add_languages(folder: str | None) -> None:
    """Add that of each .po file of a folder to those of this process, before it looks one up."""
    files = sorted(Path(folder).glob("*.po")) if folder else []
    added = {file.stem: language.Language(file.stem, file) for file in files}
    language.LANGUAGES = MappingProxyType({**language.LANGUAGES, **added})
