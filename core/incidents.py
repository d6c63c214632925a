"""Isolation incidents: stored, logged and mailed; while one is open, the installation is not healthy."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import mail_admins
from django.db import transaction
from django.urls import reverse

from core.models import IsolationIncident

log = logging.getLogger(__name__)

MAIL_INTERVAL = timedelta(minutes=10)
"""After a mail about an open incident of this kind at this place; a defect may show a thousand times a second."""


def record_incident(
    kind: str, *, where: str, expected: UUID | None, found: UUID | None, connection_id: UUID | None = None
) -> None:
    """Write an incident down, in a transaction of its own: RuntimeError within another, whose rollback would undo it.

    `kind` is a short code of ours and `where` a place in the code; neither may hold anything that a user said. It is
    logged before all else, and the mail does not hold up the caller.
    """
    incident = IsolationIncident(
        at=datetime.now(UTC),
        kind=kind[:40],
        where=where,
        expected_user=expected,
        found_user=found,
        connection_id=connection_id,
    )
    log.critical(
        "isolation incident %s (%s) at %s: expected user %s, found %s, connection %s",
        *(incident.id, kind, where, expected, found, connection_id),
    )
    told = False
    try:
        with transaction.atomic(durable=True):
            told = _is_already_mailed(incident)
            incident.save(force_insert=True)
    finally:
        # Also where it could not be stored: then the mail is all there is.
        if not told and settings.ADMINS:
            # netra: allow[dropped-task] it is given all that it says, and nobody waits for mail
            threading.Thread(target=_send_mail, args=(incident,), name="incident-mail").start()


def count_open_incidents() -> int:
    """How many nobody has acknowledged."""
    return IsolationIncident.objects.filter(acknowledged_at=None).count()


def acknowledge_incident(incident_id: UUID, by: str) -> bool:
    """Somebody (a user name) has looked at it. False where it is not open: the first one stays written down."""
    still_open = IsolationIncident.objects.filter(pk=incident_id, acknowledged_at=None)
    return still_open.update(acknowledged_at=datetime.now(UTC), acknowledged_by=by) == 1


def _is_already_mailed(incident: IsolationIncident) -> bool:
    return IsolationIncident.objects.filter(
        acknowledged_at=None, kind=incident.kind, where=incident.where, at__gt=incident.at - MAIL_INTERVAL
    ).exists()


def _send_mail(incident: IsolationIncident) -> None:
    """A thread's: a mail server may take its time, and the caller's thread is everybody's."""
    page = reverse("admin:core_isolationincident_change", args=[incident.id])
    text = (
        f"Something of one user was about to reach another, and was stopped.\n\n"
        f"kind: {incident.kind}\nwhere: {incident.where}\nwhen: {incident.at.isoformat()}\nincident: {incident.id}\n\n"
        f"The installation reports that it is not ready until this is acknowledged at {page}. "
        f"Further ones of this kind are written down there, and mailed again after {MAIL_INTERVAL.seconds // 60} min.\n"
    )
    try:
        mail_admins(f"isolation incident: {incident.kind}", text)
    except Exception:
        log.exception("the mail about isolation incident %s could not be sent", incident.id)
