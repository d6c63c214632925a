"""`manage.py anchor_audit`: what a server does every few minutes, now."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from netra.language.text import counted
from tools.audit.anchorfile import NAME
from tools.audit.anchors import anchor


class Command(BaseCommand):
    help = "Anchor all that was audited since the last anchor. Beside running servers, and as often as one likes."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        file = settings.NETRA.data_dir / NAME
        try:
            made = anchor(file)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}. Run it again.", returncode=1) from error
        if made is None:
            self.stdout.write("Nothing new: every row is anchored.")
        else:
            rows = counted("{n:,} row", "{n:,} rows", n=made.rows)
            self.stdout.write(f"Anchor {made.seq} covers {rows}.")
