"""Operator tools: typed, described and limited acts on the installation or on another user's data; and their targets.

Users' tools (tools.base) never take a target; these do, so each has a permission of its own."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import UUID

from agents.models import Run, Thread
from core.context import ConnectionContext
from core.exceptions import Defect, NotFound
from core.i18n.text import Text, text
from core.users import find_user
from tools.base import Category, DataKind, SideEffects, Tool, ToolInput


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorTarget:
    """The user whom a call is about, and which run or conversation of theirs."""

    user_id: UUID
    username: str
    run_id: UUID | None = None
    thread_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorToolContext:
    """What an operator's tool may touch. `context` is the operator's, `operator` their name at this moment.

    `target` is whom the call is about: looked up and checked before the tool runs; None where it is about nobody.
    """

    context: ConnectionContext
    operator: str
    target: OperatorTarget | None
    data_dir: Path

    @property
    def required_target(self) -> OperatorTarget:
        """For tools that are always about somebody."""
        if self.target is None:
            raise Defect("a tool that is about somebody was called about nobody")
        return self.target


In = TypeVar("In", bound=ToolInput)


def find_no_target(wanted: Any) -> OperatorTarget | None:
    return None


def list_no_words(wanted: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorTool(Generic[In]):
    """`permission` is Django's, as in "operating.cancel_run", held at the moment of each call.

    `run` is synchronous and gets a thread; after `seconds` nobody waits for it any more, and what it began it ends.
    `find_target` finds whom a call is about, and raises NotFound. `list_required_words` are the words that the operator must have said
    themselves before a model may make the call. `requires_consent`: the result holds what a user said, so that user's consent is
    needed, and no stream and no model gets it. `result_kinds` as in tools.base. `spec` is what policies and models are told
    of it.
    """

    name: str
    title: Text
    description: str
    input: type[In]
    run: Callable[[In, OperatorToolContext], Any]
    permission: str
    side_effects: SideEffects
    idempotent: bool
    result_kinds: frozenset[DataKind]
    find_target: Callable[[In], OperatorTarget | None] = find_no_target
    list_required_words: Callable[[In], tuple[str, ...]] = list_no_words
    requires_consent: bool = False
    seconds: float = 30
    result_bytes: int = 16_000
    spec: Tool[In] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        listed = Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input=self.input,
            run=_refuse_direct_run,
            category=Category.SYSTEM,
            side_effects=self.side_effects,
            idempotent=self.idempotent,
            result_kinds=self.result_kinds,
            seconds=self.seconds,
            result_bytes=self.result_bytes,
        )
        object.__setattr__(self, "spec", listed)


async def _refuse_direct_run(wanted: Any, reach: Any) -> Any:
    raise Defect("an operator's tool runs through the operators' dispatcher only")


def find_user_target(named: str) -> OperatorTarget:
    """Raises BadInput too, where several have names that look like this one."""
    found = find_user(named)
    return OperatorTarget(user_id=found.pk, username=found.username)


def find_run_target(run_id: UUID) -> OperatorTarget:
    row = Run.objects.filter(id=run_id).values_list("owner_id", "owner__username").first()
    if row is None:
        raise NotFound(text("There is no such run in this installation."))
    return OperatorTarget(user_id=row[0], username=row[1], run_id=run_id)


def find_conversation_target(user: str, thread_id: UUID | None) -> OperatorTarget:
    """A conversation of a user's, or with None all of theirs."""
    whom = find_user_target(user)
    if thread_id is not None and not Thread.objects.for_user(whom.user_id).filter(id=thread_id).exists():
        raise NotFound(text("This user has no such conversation."))
    return OperatorTarget(user_id=whom.user_id, username=whom.username, thread_id=thread_id)
