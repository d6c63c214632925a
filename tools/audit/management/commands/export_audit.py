"""`manage.py export_audit FILE`: export the audit as JSON lines."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.exceptions import UserError
from core.i18n.text import plural_text
from tools.audit.export import export_rows


class Command(BaseCommand):
    help = "Export audit rows to a new file, one JSON object per line. It contains digests, not content."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.jsonl", help="a file that does not exist yet")
        parser.add_argument(
            "--since", metavar="TIME", help="only rows since this time, such as 2026-01-31 or 2026-01-31T12:00+01:00"
        )
        parser.add_argument("--user", help="only rows about this user: a username, user ID or audit subject")
        parser.add_argument("--tool", help="only rows about this tool")

    def handle(self, *args: Any, file: Path, since: str | None, user: str | None, tool: str | None, **_: Any) -> None:
        try:
            count = export_rows(file, since=_parse_time(since), user=user, tool=tool)
        except UserError as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"{file}: {plural_text('{n:,} row', '{n:,} rows', n=count)}.")


def _parse_time(text: str | None) -> datetime | None:
    """Parse a time, which is in UTC if it names no zone."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(
            f"--since {text}: not a valid time. Use a format such as 2026-01-31T12:00+01:00.", returncode=2
        ) from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)
