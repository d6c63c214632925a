"""From a user to their rows: the only way there is, and gone with the user."""

import re
from uuid import UUID

from netra.core.exceptions import UserError
from netra.core.usernames import find_user
from tools.audit.models import AuditSubject
from tools.audit.subjects import subjects_of

SUBJECT = re.compile(r"[0-9a-f]{32}")


def subjects_named(text: str) -> list[str]:
    """By a user's id or name, or by a subject itself, which is all there is of who was erased."""
    try:
        found = list(AuditSubject.objects.filter(owner=find_user(text)).values_list("subject", flat=True))
    except UserError:
        found = []
    return [*found, text] if SUBJECT.fullmatch(text) and text not in found else found


def run_named(user_id: UUID, run_id: UUID) -> str | None:
    """What a user's run is called in their rows; None where nothing of the user's was audited."""
    subject = subjects_of([user_id]).get(user_id)
    return None if subject is None else subject.run(run_id)
