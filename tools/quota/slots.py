"""Slots: the rate and the concurrency of one user's calls of one tool, counted in the database, so that the limit is
exact across processes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet

from core.db import as_user
from core.exceptions import NotFound, UserError
from core.i18n.text import Text, plural_text, text
from core.models import OwnedQuerySet, User
from core.retention import Garbage
from tools.quota.models import Slot


class QuotaExceeded(UserError):
    """As many calls as this user may make of this tool. `retry_after` is in seconds; nothing keeps a caller from
    trying sooner, it is refused again."""

    code = "quota_exceeded"

    def __init__(self, words: Text, retry_after: float) -> None:
        super().__init__(words)
        self.retry_after = retry_after
        self.details = {"retry_after": retry_after}


WINDOW = timedelta(seconds=60)
EXPIRY_MARGIN = timedelta(seconds=30)
"""Beyond a call's own time limit, for its end to be written. Later it is taken for a crashed worker's."""
DEFAULT_RETRY_SECONDS = 1.0  # seconds: when a call that is under way ends is not known


def take_slot(user_id: UUID, tool: str, *, per_minute: int | None, at_once: int | None, seconds: float) -> UUID | None:
    """A slot for one call of at most so many seconds, or None where there is no bound. Raises QuotaExceeded.

    A call that is refused does not count. Raises NotFound for a user who is not there any more.
    """
    if per_minute is None and at_once is None:
        return None
    # On PostgreSQL as_user has begun a transaction: no statements for a savepoint in it.
    with as_user(user_id), transaction.atomic(savepoint=connection.vendor != "postgresql"):
        _lock_user(user_id)
        now = datetime.now(UTC)  # not before the lock: whoever held it has taken theirs earlier
        mine = Slot.objects.for_user(user_id).filter(tool=tool)
        used = _count_usage(mine, now)
        if at_once is not None and used.at_once >= at_once:
            _refuse_at_once(tool, at_once)
        if per_minute is not None and used.per_minute >= per_minute:
            _refuse_rate(mine, tool, per_minute, used.per_minute, now)
        if used.expired:
            # What is given back at this moment waits for the next time: who holds the turn waits for no slot.
            past = mine.filter(_build_expired_filter(now)).select_for_update(skip_locked=True)
            mine.filter(id__in=list(past.values_list("id", flat=True))).delete()
        expires_at = now + timedelta(seconds=seconds) + EXPIRY_MARGIN
        return Slot.objects.create(owner_id=user_id, tool=tool, taken_at=now, expires_at=expires_at).id


def release_slots(slots: Sequence[UUID]) -> None:
    """The calls are over. Giving back twice is giving back once."""
    if slots:
        Slot.objects.filter(id__in=slots, given_back_at=None).update(given_back_at=datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotUsage:
    """Slots of one user and tool: taken within the window, still held, and such as count for nothing any more."""

    per_minute: int
    at_once: int
    expired: int


def _lock_user(user_id: UUID) -> None:
    """One at a time per user. On SQLite the transaction itself has begun with the only writer's lock."""
    if connection.vendor != "postgresql":
        return
    # Against other takers only: rows of theirs that refer to the user can be stored meanwhile.
    if not User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk").first():
        raise NotFound(text("This account no longer exists."))


def _build_expired_filter(now: datetime) -> Q:
    return Q(taken_at__lte=now - WINDOW) & (Q(given_back_at__isnull=False) | Q(expires_at__lte=now))


def _count_usage(mine: OwnedQuerySet[Slot], now: datetime) -> SlotUsage:
    found: dict[str, Any] = mine.aggregate(
        per_minute=Count("id", filter=Q(taken_at__gt=now - WINDOW)),
        at_once=Count("id", filter=Q(given_back_at=None, expires_at__gt=now)),
        expired=Count("id", filter=_build_expired_filter(now)),
    )
    return SlotUsage(**found)


def _refuse_at_once(tool: str, at_once: int) -> NoReturn:
    words = plural_text(
        "{n} call of {tool} at once is as many as you may have under way: try again when it has ended.",
        "{n} calls of {tool} at once are as many as you may have under way: try again when one has ended.",
        n=at_once,
        tool=tool,
    )
    raise QuotaExceeded(words, DEFAULT_RETRY_SECONDS)


def _refuse_rate(mine: OwnedQuerySet[Slot], tool: str, per_minute: int, taken: int, now: datetime) -> NoReturn:
    """There is room again when so many have left the window that one fewer than the limit are in it."""
    window = mine.filter(taken_at__gt=now - WINDOW).order_by("taken_at").values_list("taken_at", flat=True)
    leaving = window[taken - per_minute] if per_minute else now
    wait = round((leaving + WINDOW - now).total_seconds(), 1)
    words = plural_text(
        "{n} call of {tool} a minute is as many as you may make: try again in {wait:.0f} s.",
        "{n} calls of {tool} a minute are as many as you may make: try again in {wait:.0f} s.",
        n=per_minute,
        tool=tool,
        wait=wait,
    )
    raise QuotaExceeded(words, max(wait, 0.1))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredSlots:
    """Left the window and given back, or expired, before `now` (aware, UTC)."""

    now: datetime

    def find(self) -> Garbage:
        return self._to_garbage(self._select_expired().count())

    def remove(self) -> Garbage:
        with transaction.atomic():
            # What somebody gives back at this moment is left for the next time; nobody waits here.
            past = list(self._select_expired().select_for_update(skip_locked=True).values_list("id", flat=True))
            removed, _ = Slot.objects.filter(id__in=past).delete()
        return self._to_garbage(removed)

    def _select_expired(self) -> QuerySet[Slot]:
        over = Q(given_back_at__isnull=False) | Q(expires_at__lte=self.now)
        return Slot.objects.filter(over, taken_at__lte=self.now - WINDOW)

    def _to_garbage(self, count: int) -> Garbage:
        return Garbage(what=text("past slots of tool calls"), count=count)
