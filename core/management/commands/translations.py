"""`manage.py translations [TAG]`: report the state of the translations, or update a language's file.

docs/translations.md is for translators."""

from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.messages import Catalog
from babel.messages.pofile import PoFileError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.i18n.extraction import compute_translation_status, extract_catalog, merge_po_file
from core.i18n.language import ENGLISH, LOCALE_DIR
from core.i18n.text import plural_text
from core.management.errors import EXIT_FAILED, report_errors

SCRIPT_CODE_LENGTH = 4  # letters of a script's code, as in zh-Hans


class Command(BaseCommand):
    help = "Show how much of each language is translated; with a TAG, create or update that language's file."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("tag", nargs="?", metavar="TAG", help='a language, such as "de" or "pt-BR"')

    def handle(self, *args: Any, tag: str | None, **options: Any) -> None:
        messages = extract_catalog()
        with report_errors("Nothing was changed."):
            if tag is None:
                self._list_languages(messages)
            else:
                self._update_language(_normalize_tag(tag), messages)

    def _list_languages(self, messages: Catalog) -> None:
        self.stdout.write(f"en  English: {plural_text('{n} message', '{n} messages', n=len(messages))}, in the sources")
        for path in sorted(LOCALE_DIR.glob("*.po")):
            self.stdout.write(_format_line(path, messages))

    def _update_language(self, tag: str, messages: Catalog) -> None:
        path = LOCALE_DIR / f"{tag}.po"
        try:
            content = merge_po_file(path, messages)
        except PoFileError as error:
            raise CommandError(f"{path} cannot be read: {error}.", returncode=EXIT_FAILED) from error
        if not path.exists() or path.read_bytes() != content:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        self.stdout.write(_format_line(path, messages))


def _format_line(path: Path, messages: Catalog) -> str:
    status = compute_translation_status(path, messages)
    parts = (
        plural_text(
            "{done} of {n} message translated",
            "{done} of {n} messages translated",
            n=len(messages),
            done=status.translated,
        ),
        f"{status.missing} missing",
        f"{status.fuzzy} to review",
        f"{status.obsolete} obsolete",
    )
    return f"{path.stem}  {Locale.parse(path.stem, sep='-').english_name}: {', '.join(parts)}"


def _normalize_tag(tag: str) -> str:
    """Return the tag in its usual spelling. Raises CommandError for an unknown language, and for English."""
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise CommandError(
            f'Unknown language "{tag}". Use a tag such as "de" or "pt-BR".', returncode=EXIT_FAILED
        ) from error
    language, *rest = tag.split("-")
    usual = "-".join(
        (language.lower(), *(part.title() if len(part) == SCRIPT_CODE_LENGTH else part.upper() for part in rest))
    )
    if usual == ENGLISH.tag:
        raise CommandError("English needs no file: its texts are in the sources.", returncode=EXIT_FAILED)
    return usual
