"""Consent: asked for by an operator; given, declined and withdrawn by the user it is about; told in their stream.

The stream is locked before the consent (agents.locks): who deletes the conversation holds it when the consents go.
"""

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from agents.locks import lock_threads
from netra.core import stream
from netra.core.events import ConsentChanged
from netra.core.exceptions import BadInput, Conflict, NotFound, TooManyRuns
from netra.core.heads import lock_head
from netra.core.jsonable import storable
from netra.core.retries import retry_on_conflict
from netra.core.scope import as_user
from netra.language.text import counted, text
from netra.operating.models import Consent
from netra.operating.refusals import NoConsent

MOST_HOURS = 168  # a week
MOST_WAITING = 5  # questions of one operator to one user
ASKABLE = timedelta(days=7)
"""For so long a question can be answered."""

State = Literal["asked", "given", "declined", "withdrawn", "used"]


@retry_on_conflict
def ask(operator_id: UUID, user_id: UUID, thread_id: UUID | None, why: str) -> Consent:
    """Ask once: while a question waits for its answer it is not asked anew. Raises BadInput, TooManyRuns."""
    reason = storable(why).strip()
    if not 3 <= len(reason) <= 300:
        raise BadInput(text("Say in 3 to 300 characters why: the user reads it."))
    now = datetime.now(UTC)
    with as_user(user_id), transaction.atomic():
        if thread_id is not None and not lock_threads(user_id, [thread_id]):
            raise NotFound(text("This user has no such conversation."))
        lock_head(user_id)
        waiting = Consent.objects.for_user(user_id).filter(
            operator_id=operator_id, given_at=None, declined_at=None, withdrawn_at=None, asked_at__gt=now - ASKABLE
        )
        before: Consent | None = (
            waiting.filter(thread=None) if thread_id is None else waiting.filter(thread_id=thread_id)
        ).first()
        if before is not None:
            return before
        if waiting.count() >= MOST_WAITING:
            raise TooManyRuns(
                counted(
                    "{n} question of yours waits for this user's answer already.",
                    "{n} questions of yours wait for this user's answer already.",
                    n=MOST_WAITING,
                )
            )
        asked = Consent.objects.create(
            owner_id=user_id, operator_id=operator_id, thread_id=thread_id, why=reason, asked_at=now
        )
        tell(asked, "asked")
    return asked


@retry_on_conflict
def give(user_id: UUID, consent_id: UUID, hours: int) -> Consent:
    """For so many hours from now, a week at most. Raises NotFound, BadInput, and Conflict for what was answered."""
    if not 1 <= hours <= MOST_HOURS:
        raise BadInput(text("A consent holds for 1 to {hours} hours.", hours=MOST_HOURS))
    now = datetime.now(UTC)
    with as_user(user_id), transaction.atomic():
        lock_head(user_id)
        consent = _unanswered(user_id, consent_id, now)
        consent.given_at, consent.expires_at = now, now + timedelta(hours=hours)
        consent.save(update_fields=["given_at", "expires_at"])
        tell(consent, "given")
    return consent


@retry_on_conflict
def decline(user_id: UUID, consent_id: UUID) -> Consent:
    now = datetime.now(UTC)
    with as_user(user_id), transaction.atomic():
        lock_head(user_id)
        consent = _unanswered(user_id, consent_id, now)
        consent.declined_at = now
        consent.save(update_fields=["declined_at"])
        tell(consent, "declined")
    return consent


@retry_on_conflict
def withdraw(user_id: UUID, consent_id: UUID) -> Consent:
    """Ends at once; again changes nothing. Raises NotFound, and Conflict for what was never given."""
    with as_user(user_id), transaction.atomic():
        lock_head(user_id)
        consent = _held(user_id, consent_id)
        if consent.given_at is None:
            raise Conflict(text("This was not given, so it cannot be withdrawn."))
        if consent.withdrawn_at is None:
            consent.withdrawn_at = datetime.now(UTC)
            consent.save(update_fields=["withdrawn_at"])
            tell(consent, "withdrawn")
    return consent


def holding(operator_id: UUID, user_id: UUID, thread_id: UUID, *, lock: bool = False) -> Consent:
    """The consent under which this operator may read this conversation now. Raises NoConsent.

    With `lock`, in the caller's transaction that holds the user's stream, nobody withdraws it before that has ended.
    """
    now = datetime.now(UTC)
    found = Consent.objects.for_user(user_id).filter(
        Q(thread_id=thread_id) | Q(thread=None),
        operator_id=operator_id,
        given_at__lte=now,
        expires_at__gt=now,
        withdrawn_at=None,
    )
    consent: Consent | None = (found.select_for_update() if lock else found).order_by("-expires_at").first()
    if consent is None:
        words = text(
            "This user has not agreed that you read this conversation, or not any more: ask for consent first."
        )
        raise NoConsent(words, rule="consent")
    return consent


def tell(consent: Consent, state: State) -> None:
    """In the transaction of the change."""
    stream.append(consent.owner_id, ConsentChanged(consent_id=consent.id, state=state))


def _held(user_id: UUID, consent_id: UUID) -> Consent:
    consent: Consent | None = Consent.objects.for_user(user_id).select_for_update().filter(id=consent_id).first()
    if consent is None:
        raise NotFound(text("There is no such consent among yours."))
    return consent


def _unanswered(user_id: UUID, consent_id: UUID, now: datetime) -> Consent:
    consent = _held(user_id, consent_id)
    if consent.given_at is not None or consent.declined_at is not None:
        raise Conflict(text("This has been answered already."))
    if consent.operator_id is None or consent.asked_at <= now - ASKABLE:
        raise Conflict(text("This question is not open any more."))
    return consent
