"""What an operator's tool is: one typed, described, limited act on the installation, or on what is
somebody else's.

Users' tools (tools.base) never take whose data they work on; these do, and so each needs a permission of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar
from uuid import UUID

from netra.core.context import ConnectionContext
from netra.core.exceptions import Defect
from netra.language.text import Text
from tools.base import Category, SideEffects, Tool, ToolInput
from tools.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """The user whom a call is about, and which run or conversation of theirs."""

    user_id: UUID
    username: str
    run_id: UUID | None = None
    thread_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What an operator's tool may touch. `context` is the operator's, `operator` their name at this moment.

    `concern` is whom the call is about: looked up and checked before the tool runs; None where it is about nobody.
    """

    context: ConnectionContext
    operator: str
    concern: Concern | None
    data_dir: Path

    @property
    def about(self) -> Concern:
        """For tools that are always about somebody."""
        if self.concern is None:
            raise Defect("a tool that is about somebody was called about nobody")
        return self.concern


In = TypeVar("In", bound=ToolInput)


def nobody(wanted: Any) -> Concern | None:
    return None


def nothing(wanted: Any) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorTool(Generic[In]):
    """`permission` is Django's, as in "operating.cancel_run", held at the moment of each call.

    `run` is synchronous and gets a thread; after `seconds` nobody waits for it any more, and what it began it ends.
    `concerns` finds whom a call is about, and raises NotFound. `named` are the words that the operator must have said
    themselves before a model may make the call. `words`: the result holds what a user said, so that user's consent is
    needed, and no stream and no model gets it. `holds` as in tools.base. `listed` is what policies and models are told
    of it.
    """

    name: str
    title: Text
    description: str
    input: type[In]
    run: Callable[[In, Reach], Any]
    permission: str
    side_effects: SideEffects
    idempotent: bool
    holds: frozenset[Kind]
    concerns: Callable[[In], Concern | None] = nobody
    named: Callable[[In], tuple[str, ...]] = nothing
    words: bool = False
    seconds: float = 30
    result_bytes: int = 16_000
    listed: Tool[In] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        listed = Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input=self.input,
            run=_never,
            category=Category.SYSTEM,
            side_effects=self.side_effects,
            idempotent=self.idempotent,
            holds=self.holds,
            seconds=self.seconds,
            result_bytes=self.result_bytes,
        )
        object.__setattr__(self, "listed", listed)


async def _never(wanted: Any, reach: Any) -> Any:
    raise Defect("an operator's tool runs through the operators' dispatcher only")
