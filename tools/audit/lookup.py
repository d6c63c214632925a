"""From a user to their rows: the only way there is, and gone with the user."""

import re
from uuid import UUID

from django.db.models import Q

from netra.core.models import User
from tools.audit.models import AuditSubject
from tools.audit.subjects import subjects_of

SUBJECT = re.compile(r"[0-9a-f]{32}")


def subjects_named(text: str) -> list[str]:
    """By a user's name or id, or by a subject itself, which is all there is of who was erased."""
    users = User.objects.filter(Q(username=text) | Q(pk=_id(text)))
    found = list(AuditSubject.objects.filter(owner__in=users).values_list("subject", flat=True))
    return [*found, text] if SUBJECT.fullmatch(text) and text not in found else found


def run_named(user_id: UUID, run_id: UUID) -> str | None:
    """What a user's run is called in their rows; None where nothing of the user's was audited."""
    subject = subjects_of([user_id]).get(user_id)
    return None if subject is None else subject.run(run_id)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
