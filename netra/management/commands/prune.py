"""`manage.py prune`: list what is past its retention; with --yes remove it."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.i18n.text import plural_text
from core.management.errors import EXIT_BAD_INPUT, report_errors
from core.retention import Garbage

MAX_DAYS = 36_500
NOTHING_REMOVED = "Nothing was removed."


class Command(BaseCommand):
    help = "List old events, abandoned uploads, orphaned files and expired rows; remove them with --yes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=30,
            metavar="N",
            help="keep events of runs that ended within the last N days, and migration records as recent; default: 30",
        )
        parser.add_argument("--yes", action="store_true", help="remove it")

    def handle(self, *args: Any, days: int, yes: bool, **options: Any) -> None:
        if not 0 <= days <= MAX_DAYS:
            raise CommandError(f"--days {days}: must be between 0 and {MAX_DAYS:,}.", returncode=EXIT_BAD_INPUT)
        from operators.tools.prune import list_prunables

        with report_errors("What is listed above was removed. Run it again for the rest." if yes else NOTHING_REMOVED):
            for prunable in list_prunables(settings.NETRA.data_dir, days, datetime.now(UTC)):
                self.stdout.write(_format_line(prunable.remove() if yes else prunable.find()))
        self.stdout.write("Removed." if yes else f"{NOTHING_REMOVED} Run it with --yes to remove it.")


def _format_line(garbage: Garbage) -> str:
    size = f", {plural_text('{n:,} byte', '{n:,} bytes', n=garbage.size)}" if garbage.size else ""
    return f"{garbage.what}: {garbage.count:,}{size}"
