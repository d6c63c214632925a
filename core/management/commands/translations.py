"""`manage.py translations [TAG]`: what is translated, and the files that translators work on (docs/translations.md)."""

from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.messages import Catalog
from babel.messages.pofile import PoFileError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from netra.language.collected import collected
from netra.language.languages import ENGLISH, FOLDER
from netra.language.standing import standing
from netra.language.text import counted
from netra.language.updated import updated
from netra.management.plainly import FAILED, plainly

SCRIPT = 4  # letters of a script's code, as in zh-Hans


class Command(BaseCommand):
    help = "Tell how much of each language is translated; with a TAG make or update that language's file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tag", nargs="?", metavar="TAG", help='a language, such as "de" or "pt-BR"')

    def handle(self, *args: Any, tag: str | None, **options: Any) -> None:
        now = collected()
        with plainly("Nothing was changed."):
            if tag is None:
                self._list(now)
            else:
                self._update(_known(tag), now)

    def _list(self, now: Catalog) -> None:
        self.stdout.write(f"en  English: {counted('{n} message', '{n} messages', n=len(now))}, in the sources")
        for path in sorted(FOLDER.glob("*.po")):
            self.stdout.write(_line(path, now))

    def _update(self, tag: str, now: Catalog) -> None:
        path = FOLDER / f"{tag}.po"
        try:
            content = updated(path, now)
        except PoFileError as error:
            raise CommandError(f"{path} cannot be read: {error}.", returncode=FAILED) from error
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        self.stdout.write(_line(path, now))


def _line(path: Path, now: Catalog) -> str:
    found = standing(path, now)
    parts = (
        counted(
            "{done} of {n} message translated", "{done} of {n} messages translated", n=len(now), done=found.translated
        ),
        f"{found.missing} missing",
        f"{found.unsure} to be looked at",
        f"{found.stale} stale",
    )
    return f"{path.stem}  {Locale.parse(path.stem, sep='-').english_name}: {', '.join(parts)}"


def _known(tag: str) -> str:
    """The tag as it is usually written. Raises CommandError for that of no language, or of the one without a file."""
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise CommandError(f'There is no language "{tag}": a tag is as "de" or "pt-BR".', returncode=FAILED) from error
    language, *rest = tag.split("-")
    usual = "-".join((language.lower(), *(part.title() if len(part) == SCRIPT else part.upper() for part in rest)))
    if usual == ENGLISH.tag:
        raise CommandError("English needs no file: it is what stands in the sources.", returncode=FAILED)
    return usual
