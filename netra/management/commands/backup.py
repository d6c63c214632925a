"""`manage.py backup FILE`: write the database and all users' files to one file, while the server runs."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from core.i18n.text import plural_text
from core.management.errors import report_errors


class Command(BaseCommand):
    help = "Write the database and all users' files to one new file. The server may run meanwhile."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="the file to write; it must not exist")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        from netra.backups.transfer import make_backup

        with report_errors("No backup was made."):
            contents = make_backup(settings.NETRA, file)
        count = plural_text("{n:,} file", "{n:,} files", n=contents.files)
        size = plural_text("{n:,} byte", "{n:,} bytes", n=contents.bytes)
        self.stdout.write(f"{file}: the database and {count} of users ({size}).")
        self.stdout.write("The secret key is not in it. Keep NETRA_SECRET_KEY somewhere else.")
