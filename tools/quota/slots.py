"""Slots: how often within a minute, and how many at once, one user may call one tool. Counted in the database, so that
it holds across processes, and exactly, however many ask at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q

from netra.core.exceptions import NotFound
from netra.core.models import OwnedQuerySet, User
from netra.core.scope import as_user
from netra.language.text import counted, text
from tools.quota.exceeded import QuotaExceeded
from tools.quota.models import Slot

WINDOW = timedelta(seconds=60)
MARGIN = timedelta(seconds=30)
"""Beyond a call's own time limit, for its end to be written. Later it is taken for a crashed worker's."""
SOON = 1.0  # seconds: when a call that is under way ends is not known


def take(user_id: UUID, tool: str, *, per_minute: int | None, at_once: int | None, seconds: float) -> UUID | None:
    """A slot for one call of at most so many seconds, or None where there is no bound. Raises QuotaExceeded.

    A call that is refused does not count. Raises NotFound for a user who is not there any more.
    """
    if per_minute is None and at_once is None:
        return None
    # On PostgreSQL as_user has begun a transaction: no statements for a savepoint in it.
    with as_user(user_id), transaction.atomic(savepoint=connection.vendor != "postgresql"):
        _wait_for_turn(user_id)
        now = datetime.now(UTC)  # not before the lock: whoever held it has taken theirs earlier
        mine = Slot.objects.for_user(user_id).filter(tool=tool)
        used = _used(mine, now)
        if at_once is not None and used.at_once >= at_once:
            _refuse_at_once(tool, at_once)
        if per_minute is not None and used.per_minute >= per_minute:
            _refuse_rate(mine, tool, per_minute, used.per_minute, now)
        if used.past:
            # What is given back at this moment waits for the next time: who holds the turn waits for no slot.
            past = mine.filter(_past(now)).select_for_update(skip_locked=True)
            mine.filter(id__in=list(past.values_list("id", flat=True))).delete()
        expires_at = now + timedelta(seconds=seconds) + MARGIN
        return Slot.objects.create(owner_id=user_id, tool=tool, taken_at=now, expires_at=expires_at).id


def give_back(slots: Sequence[UUID]) -> None:
    """The calls are over. Giving back twice is giving back once."""
    if slots:
        Slot.objects.filter(id__in=slots, given_back_at=None).update(given_back_at=datetime.now(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Slots of one user and tool: taken within the window, still held, and such as count for nothing any more."""

    per_minute: int
    at_once: int
    past: int


def _wait_for_turn(user_id: UUID) -> None:
    """One at a time per user. On SQLite the transaction itself has begun with the only writer's lock."""
    if connection.vendor != "postgresql":
        return
    # Against other takers only: rows of theirs that refer to the user can be stored meanwhile.
    if not User.objects.select_for_update(no_key=True).filter(pk=user_id).values_list("pk").first():
        raise NotFound(text("This account no longer exists."))


def _past(now: datetime) -> Q:
    return Q(taken_at__lte=now - WINDOW) & (Q(given_back_at__isnull=False) | Q(expires_at__lte=now))


def _used(mine: OwnedQuerySet[Slot], now: datetime) -> Used:
    found: dict[str, Any] = mine.aggregate(
        per_minute=Count("id", filter=Q(taken_at__gt=now - WINDOW)),
        at_once=Count("id", filter=Q(given_back_at=None, expires_at__gt=now)),
        past=Count("id", filter=_past(now)),
    )
    return Used(**found)


def _refuse_at_once(tool: str, at_once: int) -> NoReturn:
    words = counted(
        "{n} call of {tool} at once is as many as you may have under way: try again when it has ended.",
        "{n} calls of {tool} at once are as many as you may have under way: try again when one has ended.",
        n=at_once,
        tool=tool,
    )
    raise QuotaExceeded(words, SOON)


def _refuse_rate(mine: OwnedQuerySet[Slot], tool: str, per_minute: int, taken: int, now: datetime) -> NoReturn:
    """There is room again when so many have left the window that one fewer than the limit are in it."""
    window = mine.filter(taken_at__gt=now - WINDOW).order_by("taken_at").values_list("taken_at", flat=True)
    leaving = window[taken - per_minute] if per_minute else now
    wait = round((leaving + WINDOW - now).total_seconds(), 1)
    words = counted(
        "{n} call of {tool} a minute is as many as you may make: try again in {wait:.0f} s.",
        "{n} calls of {tool} a minute are as many as you may make: try again in {wait:.0f} s.",
        n=per_minute,
        tool=tool,
        wait=wait,
    )
    raise QuotaExceeded(words, max(wait, 0.1))
