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
"""Between mails about open incidents of one kind at one place: a defect may occur a thousand times a second."""


def record_incident(
    kind: str, *, where: str, expected: UUID | None, found: UUID | None, connection_id: UUID | None = None
) -> None:
    """Store an incident, in a transaction of its own: within another, whose rollback would undo it, RuntimeError.

    `kind` is a short code of ours and `where` a place in the code; neither may contain a user's content. The incident
    is logged before anything else, and the caller doesn't wait for the mail.
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
    is_mailed = False
    try:
        with transaction.atomic(durable=True):
            is_mailed = _is_already_mailed(incident)
            incident.save(force_insert=True)
    finally:
        # Mailed even if it could not be stored: then the mail is the only record.
        if not is_mailed and settings.ADMINS:
            # netra: allow[dropped-task] it is given all that it says, and nobody waits for mail
            threading.Thread(target=_send_mail, args=(incident,), name="incident-mail").start()


def count_open_incidents() -> int:
    """Return the number of incidents that nobody has acknowledged."""
    return IsolationIncident.objects.filter(acknowledged_at=None).count()


def acknowledge_incident(incident_id: UUID, by: str) -> bool:
    """Acknowledge an incident by a user name. False if it is not open: the first acknowledgement stays."""
    open_incident = IsolationIncident.objects.filter(pk=incident_id, acknowledged_at=None)
    return open_incident.update(acknowledged_at=datetime.now(UTC), acknowledged_by=by) == 1


def _is_already_mailed(incident: IsolationIncident) -> bool:
    return IsolationIncident.objects.filter(
        acknowledged_at=None, kind=incident.kind, where=incident.where, at__gt=incident.at - MAIL_INTERVAL
    ).exists()


def _send_mail(incident: IsolationIncident) -> None:
    """Mail the admins; runs on a thread of its own, as a mail server may be slow and the caller's thread is shared."""
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
