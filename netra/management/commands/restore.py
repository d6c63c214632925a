"""`manage.py restore FILE`: restore a backup into an empty installation."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from core.i18n.text import plural_text
from core.management.errors import report_errors


class Command(BaseCommand):
    help = "Restore what `manage.py backup` wrote into this installation, which must be empty."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="a file that `manage.py backup` wrote")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        from netra.backups.transfer import restore_backup

        with report_errors("The backup was not restored. Empty the data folder and the database, then try again."):
            contents = restore_backup(settings.NETRA, file)
        count = plural_text("{n:,} file", "{n:,} files", n=contents.files)
        size = plural_text("{n:,} byte", "{n:,} bytes", n=contents.bytes)
        self.stdout.write(f"Restored the database and {count} ({size}).")
        if not contents.has_same_key:
            self.stdout.write(
                "The secret key differs from the one at the time of the backup. Set NETRA_SECRET_KEY or "
                "NETRA_OLD_SECRET_KEYS to it, or users with a second factor can't sign in with it."
            )
