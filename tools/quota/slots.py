"""Slots: the rate and the concurrency of one user's calls of one tool, counted in the database, so that the limit is
exact across processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet

from core.db import as_all_users, as_user
from core.exceptions import NotFound, UserError
from core.i18n.text import Text, plural_text, text
from core.models import OwnedQuerySet, User
from core.retention import Garbage
from tools.quota.models import Slot

WINDOW = timedelta(seconds=60)
EXPIRY_MARGIN = timedelta(seconds=30)
"""Added to a call's time limit, to store its end. A slot that is older belongs to a crashed worker."""
DEFAULT_RETRY_SECONDS = 1.0  # when a call ends is not known


class QuotaExceeded(UserError):
    """The user has reached the limit of calls of a tool. A call before `retry_after` seconds is refused, too."""

    code = "quota_exceeded"

    def __init__(self, message: Text, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.details = {"retry_after": retry_after}


def take_slot(user_id: UUID, tool: str, *, per_minute: int | None, at_once: int | None, seconds: float) -> UUID | None:
    """Take a slot for one call of at most so many seconds. Return None if there is no limit.

    Raises QuotaExceeded, and such a call does not count. Raises NotFound if the user is gone.
    """
    if per_minute is None and at_once is None:
        return None
    with as_user(user_id, atomic=True):
        _lock_user(user_id)
        now = datetime.now(UTC)  # after the lock, so that it is later than the slots of whoever had the lock
        slots = Slot.objects.for_user(user_id).filter(tool=tool)
        usage = _count_usage(slots, now)
        if at_once is not None and usage.at_once >= at_once:
            _refuse_at_once(tool, at_once)
        if per_minute is not None and usage.per_minute >= per_minute:
            _refuse_rate(slots, tool, per_minute, usage.per_minute, now)
        if usage.expired:
            # Slots that are being released are left for the next time: nobody waits with the user's lock.
            expired = slots.filter(_build_expired_filter(now)).select_for_update(skip_locked=True)
            slots.filter(id__in=list(expired.values_list("id", flat=True))).delete()
        expires_at = now + timedelta(seconds=seconds) + EXPIRY_MARGIN
        return Slot.objects.create(owner_id=user_id, tool=tool, taken_at=now, expires_at=expires_at).id


def release_slots(slots: Sequence[UUID]) -> None:
    """Release the slots of calls that are over. Releasing a slot again changes nothing."""
    if slots:
        Slot.objects.filter(id__in=slots, given_back_at=None).update(given_back_at=datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotUsage:
    """Numbers of slots of one user and tool: taken within the window, not released yet, and expired."""

    per_minute: int
    at_once: int
    expired: int


def _lock_user(user_id: UUID) -> None:
    """Let one transaction per user take slots. On SQLite a transaction has the lock of the only writer anyway."""
    if connection.vendor != "postgresql":
        return
    # Only against others who take slots: rows that refer to the user can be stored meanwhile.
    if not User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk").first():
        raise NotFound(text("This account no longer exists."))


def _build_expired_filter(now: datetime) -> Q:
    """Match slots that no longer count."""
    return Q(taken_at__lte=now - WINDOW) & (Q(given_back_at__isnull=False) | Q(expires_at__lte=now))


def _count_usage(slots: OwnedQuerySet[Slot], now: datetime) -> SlotUsage:
    counts: dict[str, Any] = slots.aggregate(
        per_minute=Count("id", filter=Q(taken_at__gt=now - WINDOW)),
        at_once=Count("id", filter=Q(given_back_at=None, expires_at__gt=now)),
        expired=Count("id", filter=_build_expired_filter(now)),
    )
    return SlotUsage(**counts)


def _refuse_at_once(tool: str, at_once: int) -> NoReturn:
    message = plural_text(
        "Limit reached: {n} call of {tool} at a time. Try again when it has finished.",
        "Limit reached: {n} calls of {tool} at a time. Try again when one has finished.",
        n=at_once,
        tool=tool,
    )
    raise QuotaExceeded(message, DEFAULT_RETRY_SECONDS)


def _refuse_rate(slots: OwnedQuerySet[Slot], tool: str, per_minute: int, taken: int, now: datetime) -> NoReturn:
    """Refuse a call until one slot fewer than the limit is within the window."""
    window = slots.filter(taken_at__gt=now - WINDOW).order_by("taken_at").values_list("taken_at", flat=True)
    last_to_leave = window[taken - per_minute] if per_minute else now
    wait = round((last_to_leave + WINDOW - now).total_seconds(), 1)
    message = plural_text(
        "Limit reached: {n} call of {tool} per minute. Try again in {wait:.0f} s.",
        "Limit reached: {n} calls of {tool} per minute. Try again in {wait:.0f} s.",
        n=per_minute,
        tool=tool,
        wait=wait,
    )
    raise QuotaExceeded(message, max(wait, 0.1))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredSlots:
    """Slots that left the window and were released, or expired, before `now` (aware, UTC)."""

    now: datetime

    @as_all_users()
    def find(self) -> Garbage:
        return self._to_garbage(self._select_expired().count())

    def remove(self) -> Garbage:
        with as_all_users(atomic=True):
            # Slots that are being released are left for the next time: nobody waits here.
            expired = list(self._select_expired().select_for_update(skip_locked=True).values_list("id", flat=True))
            removed, _ = Slot.objects.filter(id__in=expired).delete()
        return self._to_garbage(removed)

    def _select_expired(self) -> QuerySet[Slot]:
        return Slot.objects.filter(_build_expired_filter(self.now))

    def _to_garbage(self, count: int) -> Garbage:
        return Garbage(what=text("expired slots of tool calls"), count=count)
