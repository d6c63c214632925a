"""`manage.py prune`: list what is past its retention; with --yes remove it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.i18n.text import plural_text
from core.management.errors import EXIT_BAD_INPUT, report_errors
from core.retention import Garbage, HasPrunable, Prunable

MAX_DAYS = 36_500


class Command(BaseCommand):
    help = "Tell what need not be kept any longer: old events, past uploads, orphaned files, what has expired."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--days",
            type=int,
            default=30,
            metavar="N",
            help="keep events of runs that ended since, and the migration's records; default: 30",
        )
        parser.add_argument("--yes", action="store_true", help="remove it")

    def handle(self, *args: Any, days: int, yes: bool, **options: Any) -> None:
        if not 0 <= days <= MAX_DAYS:
            raise CommandError(
                f"--days {days}: events can be kept for 0 to {MAX_DAYS:,} days.", returncode=EXIT_BAD_INPUT
            )
        with report_errors("What was told has gone; run it again for the rest." if yes else "Nothing was removed."):
            for prunable in _list_prunables(settings.NETRA.data_dir, days, datetime.now(UTC)):
                self.stdout.write(_format_line(prunable.remove() if yes else prunable.find()))
        self.stdout.write("Removed." if yes else "Nothing was removed: --yes does it.")


def _list_prunables(data_dir: Path, days: int, now: datetime) -> tuple[Prunable, ...]:
    from accounts.retention import ExpiredAttempts, ExpiredSessions, ExpiredTokens
    from agents.retention import OldEvents, OrphanedScratch
    from tools.quota.slots import ExpiredSlots
    from tools.spending.budgets import ExpiredHolds
    from workloads.retention import ExpiredUploads, OrphanedFiles

    before = now - timedelta(days=days)
    return (
        OldEvents(ended_before=before),
        ExpiredUploads(data_dir=data_dir, now=now),
        OrphanedFiles(data_dir=data_dir, now=now),
        OrphanedScratch(data_dir=data_dir, now=now),
        ExpiredSessions(now=now),
        ExpiredTokens(now=now),
        ExpiredAttempts(now=now),
        ExpiredSlots(now=now),
        ExpiredHolds(now=now),
        *(each for app in apps.get_app_configs() if isinstance(app, HasPrunable) for each in app.list_prunable(before)),
    )


def _format_line(garbage: Garbage) -> str:
    size = f", {plural_text('{n:,} byte', '{n:,} bytes', n=garbage.size)}" if garbage.size else ""
    return f"{garbage.what}: {garbage.count:,}{size}"
