"""`manage.py export_user USER --to FILE.zip`: export all data of a user."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from core.i18n.text import plural_text
from core.management.errors import report_errors


class Command(BaseCommand):
    help = "Export a user's data to a new ZIP file: account, conversations, runs, events, logs and reports."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="a user's id or name")
        parser.add_argument("--to", type=Path, required=True, metavar="FILE.zip", help="path of the new file")

    def handle(self, *args: Any, user: str, to: Path, **options: Any) -> None:
        from accounts.export import export_user
        from core.users import find_user

        with report_errors("Nothing was written."):
            export_user(find_user(user), to, settings.NETRA.data_dir)
        size = plural_text("{n:,} byte", "{n:,} bytes", n=to.stat().st_size)
        self.stdout.write(f"{to}: {size}.")
