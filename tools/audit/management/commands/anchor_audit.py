"""`manage.py anchor_audit`: create an anchor now, as a server does every few minutes."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.i18n.text import plural_text
from tools.audit.anchors import ANCHOR_FILE_NAME, create_anchor


class Command(BaseCommand):
    help = "Anchor the audit rows added since the last anchor. Can run at any time, also while servers are running."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        file = settings.NETRA.data_dir / ANCHOR_FILE_NAME
        try:
            anchor = create_anchor(file)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}. Run the command again.", returncode=1) from error
        if anchor is None:
            self.stdout.write("Nothing to do: every row is anchored.")
        else:
            rows = plural_text("{n:,} row", "{n:,} rows", n=anchor.rows)
            self.stdout.write(f"Anchor {anchor.seq} covers {rows}.")
