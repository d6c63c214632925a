"""Users with a token and a claimed run each, created in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from knox.models import AuthToken

from agents.models import Message, Run, RunState, Thread
from benchmarks.stream.event_producer import derive_id
from core.db import as_all_users
from core.models import User, UserStream


@dataclass(frozen=True, slots=True)
class StreamUser:
    user_id: UUID
    token: str


def create_users(count: int) -> Sequence[StreamUser]:
    """Create `count` users."""
    users = [User(id=uuid4(), username=f"user{number}") for number in range(count)]
    User.objects.bulk_create(users)
    with as_all_users():
        UserStream.objects.bulk_create([UserStream(owner=user) for user in users])
        Thread.objects.bulk_create([Thread(id=derive_id(user.id, "thread"), owner=user) for user in users])
        Message.objects.bulk_create([_build_message(user) for user in users])
        Run.objects.bulk_create([_build_run(user) for user in users])
    return [StreamUser(user.id, str(AuthToken.objects.create(user)[1])) for user in users]


def _build_message(user: User) -> Message:
    return Message(id=derive_id(user.id, "message"), owner=user, thread_id=derive_id(user.id, "thread"), text="?")


def _build_run(user: User) -> Run:
    return Run(
        id=derive_id(user.id, "run"),
        owner=user,
        thread_id=derive_id(user.id, "thread"),
        message_id=derive_id(user.id, "message"),
        connection_id=user.id,
        assumptions={},
        state=RunState.RUNNING,
        attempt=1,
    )
