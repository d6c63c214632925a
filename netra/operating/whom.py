"""Whom an operator means: a user by id or name, a run by its id. Raises NotFound."""

from uuid import UUID

from agents.models import Run, Thread
from netra.core.exceptions import NotFound
from netra.core.usernames import find_user
from netra.language.text import text
from netra.operating.base import Concern


def user_named(named: str) -> Concern:
    """Raises BadInput too, where several have names that look like this one."""
    found = find_user(named)
    return Concern(user_id=found.pk, username=found.username)


def owner_of(run_id: UUID) -> Concern:
    row = Run.objects.filter(id=run_id).values_list("owner_id", "owner__username").first()
    if row is None:
        raise NotFound(text("There is no such run in this installation."))
    return Concern(user_id=row[0], username=row[1], run_id=run_id)


def conversation_of(user: str, thread_id: UUID | None) -> Concern:
    """A conversation of a user's, or with None all of theirs."""
    whom = user_named(user)
    if thread_id is not None and not Thread.objects.for_user(whom.user_id).filter(id=thread_id).exists():
        raise NotFound(text("This user has no such conversation."))
    return Concern(user_id=whom.user_id, username=whom.username, thread_id=thread_id)
