"""`manage.py prune`: what need not be kept any longer. Tells what would go; with --yes it goes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from netra.core.waste import Removable, Waste, Wasteful
from netra.language.text import counted
from netra.management.plainly import plainly

LONGEST = 36_500


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
        if not 0 <= days <= LONGEST:
            raise CommandError(f"--days {days}: events can be kept for 0 to {LONGEST:,} days.", returncode=2)
        with plainly("What was told has gone; run it again for the rest." if yes else "Nothing was removed."):
            for each in _kinds(settings.NETRA.data_dir, days, datetime.now(UTC)):
                self.stdout.write(_line(each.remove() if yes else each.found()))
        self.stdout.write("Removed." if yes else "Nothing was removed: --yes does it.")


def _kinds(data_dir: Path, days: int, now: datetime) -> tuple[Removable, ...]:
    from agents.oldevents import OldEvents
    from agents.scratch import OrphanedScratch
    from netra.accounts.expired import ExpiredAttempts, ExpiredSessions, ExpiredTokens
    from tools.quota.past import PastSlots
    from tools.spending.past import PastHolds
    from workloads.orphans import OrphanedFiles
    from workloads.pastuploads import PastUploads

    before = now - timedelta(days=days)
    return (
        OldEvents(ended_before=before),
        PastUploads(data_dir=data_dir, now=now),
        OrphanedFiles(data_dir=data_dir, now=now),
        OrphanedScratch(data_dir=data_dir, now=now),
        ExpiredSessions(now=now),
        ExpiredTokens(now=now),
        ExpiredAttempts(now=now),
        PastSlots(now=now),
        PastHolds(now=now),
        *(each for app in apps.get_app_configs() if isinstance(app, Wasteful) for each in app.waste(before)),
    )


def _line(waste: Waste) -> str:
    size = f", {counted('{n:,} byte', '{n:,} bytes', n=waste.size)}" if waste.size else ""
    return f"{waste.what}: {waste.count:,}{size}"
