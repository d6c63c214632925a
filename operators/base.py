"""Operator tools: typed, described and limited acts on the installation or on another user's data; and their targets.

Users' tools (tools.base) never take a target; these do, so each has a permission of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from agents.models import Run, Thread
from core.context import ConnectionContext
from core.db import as_all_users, as_user
from core.exceptions import Defect, NotFound
from core.i18n.text import text
from core.stream.append import Publish, publish_to_nobody
from core.users import find_user
from tools.base import Category, ToolInput, ToolSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorTarget:
    """The user whom a call is about, and perhaps one of their runs or conversations."""

    user_id: UUID
    username: str
    run_id: UUID | None = None
    thread_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorToolContext:
    """What an operator's tool gets. `context` and the name `operator` are the operator's.

    `target` is looked up and checked before the tool runs; it is None for tools that concern no user. `publish` is for
    functions that append events.
    """

    context: ConnectionContext
    operator: str
    target: OperatorTarget | None
    data_dir: Path
    publish: Publish = publish_to_nobody

    @property
    def required_target(self) -> OperatorTarget:
        """Return the target, for tools that always have one."""
        if self.target is None:
            raise Defect("a tool that needs a target was called without one")
        return self.target


In = TypeVar("In", bound=ToolInput)


def find_no_target(arguments: Any) -> OperatorTarget | None:
    return None


def list_no_words(arguments: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorTool(ToolSpec[In]):
    """A tool for operators. `permission` is a Django permission such as "operating.cancel_run", checked at each call.

    `run` is synchronous and runs in a thread. After `seconds` the dispatcher stops waiting, but the thread goes on.
    `find_target` returns the target of a call, and raises NotFound or BadInput. `list_required_words` returns the words
    that the operator must have written before a model may make the call. `requires_consent`: the result has a user's
    own texts, so it needs that user's consent, and goes neither into a stream nor to a model.
    """

    run: Callable[[In, OperatorToolContext], Any]
    permission: str
    find_target: Callable[[In], OperatorTarget | None] = find_no_target
    list_required_words: Callable[[In], tuple[str, ...]] = list_no_words
    requires_consent: bool = False
    category: Category = Category.SYSTEM
    seconds: float = 30


def find_user_target(reference: str) -> OperatorTarget:
    """Find a user by name or id. Raises NotFound, or BadInput if several names look like this one."""
    user = find_user(reference)
    return OperatorTarget(user_id=user.pk, username=user.username)


def find_run_target(run_id: UUID) -> OperatorTarget:
    with as_all_users():
        row = Run.objects.filter(id=run_id).values_list("owner_id", "owner__username").first()
    if row is None:
        raise NotFound(text("Run not found."))
    return OperatorTarget(user_id=row[0], username=row[1], run_id=run_id)


def find_conversation_target(user: str, thread_id: UUID | None) -> OperatorTarget:
    """Find a conversation of a user, or with None all of them."""
    target = find_user_target(user)
    with as_user(target.user_id):
        if thread_id is not None and not Thread.objects.for_user(target.user_id).filter(id=thread_id).exists():
            raise NotFound(text("This user has no conversation with this id."))
    return OperatorTarget(user_id=target.user_id, username=target.username, thread_id=thread_id)
