"""A user's consents as they are shown to that user, and what was read under them."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from netra.core.exceptions import NotFound
from netra.core.scope import as_user
from netra.language.text import text
from netra.operating.models import Consent, ConsentUse

LISTED = 100  # newest consents in a list

Uses = Mapping[UUID, list[ConsentUse]]
"""By consent, newest first."""


def consents_of(user_id: UUID) -> list[Consent]:
    """Newest first."""
    with as_user(user_id):
        return list(Consent.objects.for_user(user_id).select_related("operator").order_by("-asked_at")[:LISTED])


def consent_of(user_id: UUID, consent_id: UUID) -> Consent:
    """Raises NotFound for one that is not the user's."""
    with as_user(user_id):
        found: Consent | None = (
            Consent.objects.for_user(user_id).select_related("operator").filter(id=consent_id).first()
        )
    if found is None:
        raise NotFound(text("There is no such consent among yours."))
    return found


def uses_of(user_id: UUID, consents: Iterable[Consent]) -> Uses:
    uses: dict[UUID, list[ConsentUse]] = {}
    with as_user(user_id):
        for use in ConsentUse.objects.for_user(user_id).filter(consent__in=list(consents)).order_by("-at"):
            uses.setdefault(use.consent_id, []).append(use)
    return uses
