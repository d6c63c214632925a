"""`manage.py export_audit FILE`: export audit rows as JSON lines with all columns, so that others can verify them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from core.exceptions import NotFound, UserError
from core.files import draft_export
from core.i18n.text import plural_text, text
from tools.audit.chain import LINK_COLUMNS
from tools.audit.models import AuditRow
from tools.audit.queries import find_subjects, iter_in_order


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


def _parse_time(written: str | None) -> datetime | None:
    """Parse a time, which is in UTC if it names no zone."""
    if written is None:
        return None
    try:
        time = datetime.fromisoformat(written)
    except ValueError as error:
        raise CommandError(
            f"--since {written}: not a valid time. Use a format such as 2026-01-31T12:00+01:00.", returncode=2
        ) from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def export_rows(to: Path, *, since: datetime | None, user: str | None, tool: str | None) -> int:
    """Write rows to a new file that only its owner can read, all or none. Return the number of rows.

    Raises BadInput if the file exists or cannot be written, and NotFound if nothing of that user was audited.
    """
    rows = AuditRow.objects.all()
    if since is not None:
        rows = rows.filter(at__gte=since)
    if user is not None:
        rows = rows.filter(subject__in=_require_subjects(user))
    if tool is not None:
        rows = rows.filter(tool=tool)
    count = 0
    with draft_export(to) as draft, draft.open("w", encoding="utf-8") as file:
        for count, row in enumerate(iter_in_order(rows, LINK_COLUMNS), start=1):  # noqa: B007
            file.write(json.dumps(row, cls=DjangoJSONEncoder) + "\n")
    return count


def _require_subjects(user: str) -> list[str]:
    found = find_subjects(user)
    if not found:
        raise NotFound(text("No audit rows found for user {user}.", user=repr(user)))
    return found
