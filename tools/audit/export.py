"""Export of audit rows to a file of JSON lines with all columns, so that others can verify them too."""

import json
from datetime import datetime
from pathlib import Path

from django.core.serializers.json import DjangoJSONEncoder

from core.exceptions import NotFound
from core.files import draft_export
from core.i18n.text import text
from tools.audit.chain import LINK_COLUMNS
from tools.audit.models import AuditRow
from tools.audit.queries import find_subjects, iter_in_order


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
