"""Export of audit rows to a file of JSON lines with all columns, so that others can verify them too."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from django.core.serializers.json import DjangoJSONEncoder

from core.exceptions import BadInput, NotFound
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
    with _create_file(to) as file:
        for count, row in enumerate(iter_in_order(rows, LINK_COLUMNS), start=1):  # noqa: B007
            file.write(json.dumps(row, cls=DjangoJSONEncoder) + "\n")
    return count


def _require_subjects(user: str) -> list[str]:
    found = find_subjects(user)
    if not found:
        raise NotFound(text("Nothing of a user {user} was audited in this installation.", user=repr(user)))
    return found


@contextmanager
def _create_file(path: Path) -> Iterator[IO[str]]:
    """Yield a draft beside the file, which becomes the file once it is complete."""
    if path.exists():
        raise BadInput(text("{path} is there already: it is not overwritten.", path=str(path)))
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadInput(
            text("{path} cannot be written: {problem}.", path=str(path), problem=error.strerror or "")
        ) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError as error:
        raise BadInput(text("{path} is there already: it is not overwritten.", path=str(path))) from error
    finally:
        draft.unlink(missing_ok=True)
