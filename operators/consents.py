"""Consents: asked for by an operator; given, declined and withdrawn by the user; published in the user's stream.

The stream is locked before the consent (agents.locks), in the same order as when a conversation is deleted."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from agents.locks import lock_threads
from core.db import as_user, retry_on_conflict
from core.events import ConsentChanged
from core.exceptions import BadInput, Conflict, NotFound, TooManyRuns
from core.i18n.text import plural_text, text
from core.json_data import to_storable
from core.stream import append
from core.stream.append import Publish, lock_head, publish_to_nobody
from operators.models import Consent, ConsentUse
from tools.errors import ToolRefused

MAX_HOURS = 168  # a week
MAX_PENDING = 5  # unanswered requests of one operator to one user
MAX_LISTED = 100
ANSWER_PERIOD = timedelta(days=7)
"""A request can be answered for that long."""

ConsentState = Literal["asked", "given", "declined", "withdrawn", "used"]
ConsentUses = Mapping[UUID, list[ConsentUse]]
"""The uses of each consent, newest first."""


class ConsentRequired(ToolRefused):
    """The user has not consented, or the consent has ended."""

    code = "consent_needed"


@retry_on_conflict
def ask_consent(
    operator_id: UUID, user_id: UUID, thread_id: UUID | None, why: str, *, publish: Publish = publish_to_nobody
) -> Consent:
    """Ask for consent, or return the request that is still pending. Raises BadInput, NotFound, TooManyRuns."""
    reason = to_storable(why).strip()
    if not 3 <= len(reason) <= 300:
        raise BadInput(text("Enter a reason of 3 to 300 characters. The user will see it."))
    now = datetime.now(UTC)
    with as_user(user_id), transaction.atomic():
        if thread_id is not None and not lock_threads(user_id, [thread_id]):
            raise NotFound(text("This user has no conversation with this id."))
        lock_head(user_id)
        all_pending = Consent.objects.for_user(user_id).filter(
            operator_id=operator_id,
            given_at=None,
            declined_at=None,
            withdrawn_at=None,
            asked_at__gt=now - ANSWER_PERIOD,
        )
        pending: Consent | None = (
            all_pending.filter(thread=None) if thread_id is None else all_pending.filter(thread_id=thread_id)
        ).first()
        if pending is not None:
            return pending
        if all_pending.count() >= MAX_PENDING:
            raise TooManyRuns(
                plural_text(
                    "This user has not answered your last {n} request yet. Wait for an answer.",
                    "This user has not answered your last {n} requests yet. Wait for an answer.",
                    n=MAX_PENDING,
                )
            )
        consent = Consent.objects.create(
            owner_id=user_id, operator_id=operator_id, thread_id=thread_id, why=reason, asked_at=now
        )
        append_consent_event(consent, "asked", publish=publish)
    return consent


@retry_on_conflict
def give_consent(user_id: UUID, consent_id: UUID, hours: int, *, publish: Publish = publish_to_nobody) -> Consent:
    """Consent for so many hours, at most a week. Raises NotFound, BadInput, and Conflict if already answered."""
    if not 1 <= hours <= MAX_HOURS:
        raise BadInput(text("Consent can last 1 to {hours} hours.", hours=MAX_HOURS))
    now = datetime.now(UTC)
    with as_user(user_id), transaction.atomic():
        lock_head(user_id)
        consent = _lock_pending_consent(user_id, consent_id, now)
        consent.given_at, consent.expires_at = now, now + timedelta(hours=hours)
        consent.save(update_fields=["given_at", "expires_at"])
        append_consent_event(consent, "given", publish=publish)
    return consent


@retry_on_conflict
def decline_consent(user_id: UUID, consent_id: UUID, *, publish: Publish = publish_to_nobody) -> Consent:
    now = datetime.now(UTC)
    with as_user(user_id), transaction.atomic():
        lock_head(user_id)
        consent = _lock_pending_consent(user_id, consent_id, now)
        consent.declined_at = now
        consent.save(update_fields=["declined_at"])
        append_consent_event(consent, "declined", publish=publish)
    return consent


@retry_on_conflict
def withdraw_consent(user_id: UUID, consent_id: UUID, *, publish: Publish = publish_to_nobody) -> Consent:
    """Withdraw a consent, which ends at once; repeating it changes nothing.

    Raises NotFound, and Conflict for a consent that was never given.
    """
    with as_user(user_id), transaction.atomic():
        lock_head(user_id)
        consent = _lock_consent(user_id, consent_id)
        if consent.given_at is None:
            raise Conflict(text("You can't withdraw consent that you haven't given."))
        if consent.withdrawn_at is None:
            consent.withdrawn_at = datetime.now(UTC)
            consent.save(update_fields=["withdrawn_at"])
            append_consent_event(consent, "withdrawn", publish=publish)
    return consent


def require_consent(operator_id: UUID, user_id: UUID, thread_id: UUID, *, lock: bool = False) -> Consent:
    """Return the consent under which this operator may read this conversation now. Raises ConsentRequired.

    With `lock`, in a transaction that has locked the stream, it cannot be withdrawn before that transaction ends.
    """
    now = datetime.now(UTC)
    found = Consent.objects.for_user(user_id).filter(
        Q(thread_id=thread_id) | Q(thread=None),
        operator_id=operator_id,
        given_at__lte=now,
        expires_at__gt=now,
        withdrawn_at=None,
    )
    with as_user(user_id):
        consent: Consent | None = (found.select_for_update() if lock else found).order_by("-expires_at").first()
    if consent is None:
        message = text(
            "This user has not consented to you reading this conversation, or consent has ended. Request it first."
        )
        raise ConsentRequired(message, rule="consent")
    return consent


def append_consent_event(consent: Consent, state: ConsentState, *, publish: Publish) -> None:
    """Append a change to the user's stream. Call it in the transaction of that change."""
    append.append_events(consent.owner_id, ConsentChanged(consent_id=consent.id, state=state), publish=publish)


def _lock_consent(user_id: UUID, consent_id: UUID) -> Consent:
    consent: Consent = Consent.objects.select_for_update().get_for(user_id, consent_id)
    return consent


def _lock_pending_consent(user_id: UUID, consent_id: UUID, now: datetime) -> Consent:
    consent = _lock_consent(user_id, consent_id)
    if consent.given_at is not None or consent.declined_at is not None:
        raise Conflict(text("You've already answered this request."))
    if consent.operator_id is None or consent.asked_at <= now - ANSWER_PERIOD:
        raise Conflict(text("This request is no longer open."))
    return consent


def list_consents(user_id: UUID) -> list[Consent]:
    """Return the user's newest consents, newest first."""
    with as_user(user_id):
        return list(Consent.objects.for_user(user_id).select_related("operator").order_by("-asked_at")[:MAX_LISTED])


def get_consent(user_id: UUID, consent_id: UUID) -> Consent:
    """Return a consent of the user. Raises NotFound."""
    with as_user(user_id):
        consent: Consent = Consent.objects.select_related("operator").get_for(user_id, consent_id)
    return consent


def load_uses(user_id: UUID, consents: Iterable[Consent]) -> ConsentUses:
    uses: dict[UUID, list[ConsentUse]] = {}
    with as_user(user_id):
        for use in ConsentUse.objects.for_user(user_id).filter(consent__in=list(consents)).order_by("-at"):
            uses.setdefault(use.consent_id, []).append(use)
    return uses
