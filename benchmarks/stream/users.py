"""Users with a token and a claimed run each, in bulk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from knox.models import AuthToken

from agents.models import Message, Run, RunState, Thread
from benchmarks.stream.work import of
from netra.core.models import User, UserStream


@dataclass(frozen=True, slots=True)
class Person:
    user_id: UUID
    token: str


def make(count: int) -> Sequence[Person]:
    """That many."""
    users = [User(id=uuid4(), username=f"user{number}") for number in range(count)]
    User.objects.bulk_create(users)
    UserStream.objects.bulk_create([UserStream(owner=user) for user in users])
    Thread.objects.bulk_create([Thread(id=of(user.id, "thread"), owner=user) for user in users])
    Message.objects.bulk_create([_message(user) for user in users])
    far = datetime.now(UTC) + timedelta(days=1)
    Run.objects.bulk_create([_run(user, far) for user in users])
    return [Person(user.id, str(AuthToken.objects.create(user)[1])) for user in users]


def _message(user: User) -> Message:
    return Message(id=of(user.id, "message"), owner=user, thread_id=of(user.id, "thread"), text="?")


def _run(user: User, far: datetime) -> Run:
    return Run(
        id=of(user.id, "run"),
        owner=user,
        thread_id=of(user.id, "thread"),
        message_id=of(user.id, "message"),
        connection_id=user.id,
        assumptions={},
        state=RunState.RUNNING,
        attempt=1,
        worker="benchmark",
        lease_until=far,
    )
