"""Small doubles for the doors that a piece of work is handed, and contexts to hand it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from agents.run_rows import StepRecord
from core.context import UserExecutionContext
from core.events import AgentCompleted, AgentError, AgentEvent, ToolCompleted
from tools.admission import CallAdmission, CallRequest
from tools.settlements import Settlement
from tools.spending.ledger import SpendEntry
from workloads.analysis.session import AnalysisSession

T = TypeVar("T")


def context(user_id: UUID | None = None, **changes: Any) -> UserExecutionContext:
    now = datetime.now(UTC)
    ids = {name: uuid4() for name in ("request_id", "connection_id", "thread_id", "run_id")}
    fields: dict[str, Any] = {
        **ids,
        "user_id": user_id or uuid4(),
        "created_at": now,
        "attempt": 1,
        "deadline": now + timedelta(minutes=1),
    }
    return UserExecutionContext(**fields | changes)


@dataclass(slots=True)
class FakeRecorder:
    """A recorder that keeps what it is told."""

    events: list[AgentEvent] = field(default_factory=list)
    steps: list[StepRecord | None] = field(default_factory=list)
    receipts: list[Settlement] = field(default_factory=list)
    entries: list[SpendEntry] = field(default_factory=list)
    flushed: list[str] | None = None  # the types that were there at the last flush

    @property
    def types(self) -> list[str]:
        return [cast(Any, event).type for event in self.events]

    async def emit(self, event: AgentEvent) -> None:
        self.events.append(event)

    async def settle(self, event: ToolCompleted, settlement: Settlement) -> None:
        self.events.append(event)
        self.receipts.append(settlement)

    async def spend(self, entry: SpendEntry) -> None:
        self.entries.append(entry)

    async def flush(self) -> None:
        self.flushed = list(self.types)

    async def record(self, event: AgentCompleted | AgentError, step: StepRecord | None = None) -> None:
        self.events.append(event)
        self.steps.append(step)


class NoLog:
    """A session for work that has no log to ask."""

    is_open = False

    async def ask(self, question: Callable[[Any], T]) -> T:
        raise AssertionError("nothing here asks a log")

    async def open_kept(self) -> None:
        return None


def no_log() -> AnalysisSession:
    return cast(AnalysisSession, NoLog())


async def anything(request: CallRequest) -> CallAdmission:
    """Admits every call."""
    return CallAdmission(rule="test")


async def never_handle(job: object, aborted: object) -> None:
    """The handler of a kind whose jobs a test runs itself."""
    raise AssertionError("nothing runs this job")
