"""Whether a user may still act: active, and with the password that they had. Read from the database each time, so it
holds however it was changed."""

from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from netra.core.models import User


def stamp(password: str) -> str:
    """A mark of the stored password (which is itself a hash): it changes when that does, and tells nothing of it."""
    return sha256(password.encode()).hexdigest()[:32]


def holds(given: str, now: str | None) -> bool:
    """Whether what was given under one mark still holds under the one of now (None: not there, or not active).

    Without a mark it was given by a version that made none.
    """
    return now is not None and given in ("", now)


def stamps(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The marks of those users who are there and active."""
    active = User.objects.filter(id__in=list(user_ids), is_active=True)
    return {user_id: stamp(password) for user_id, password in active.values_list("id", "password")}


def stamp_in_turn(user_id: UUID) -> str | None:
    """One user's mark, None for who is not there and active. What asks for it is done for them one at a time, until the
    end of its transaction, whichever process does it; on SQLite that has begun with the only writer's lock."""
    active = User.objects.select_for_update(no_key=True).filter(id=user_id, is_active=True)
    password: str | None = active.values_list("password", flat=True).first()
    return None if password is None else stamp(password)
