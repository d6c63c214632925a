"""The events that a user can receive: a closed union of small frozen classes, distinguished by `type`.

Per agent the order is agent_started, agent_thinking+, (tool_executing, tool_completed)*, agent_completed | agent_error.
A run is queued once and ends in exactly one terminal event of its top agent (the one without a parent request)."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Protocol, TypedDict
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

from core.context import UserExecutionContext


def _now() -> datetime:
    return datetime.now(UTC)


class BaseEvent(BaseModel):
    """Base of all events. `at` is aware (UTC)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: datetime = Field(default_factory=_now)


class ThreadChanged(BaseEvent):
    """A conversation was created, renamed, pinned or unpinned."""

    type: Literal["thread_changed"] = "thread_changed"
    thread_id: UUID
    title: str
    pinned: bool = False


class ThreadDeleted(BaseEvent):
    type: Literal["thread_deleted"] = "thread_deleted"
    thread_id: UUID


class WorkloadChanged(BaseEvent):
    """A log was uploaded, renamed or read, or reading it failed; `state` is that of workloads.models.Workload.

    `progress`: how far its reading is. Nothing else has changed then.
    """

    type: Literal["workload_changed"] = "workload_changed"
    workload_id: UUID
    name: str
    state: str
    progress: dict[str, JsonValue] | None = None  # workloads.ingest.progress.ReadingProgress


class WorkloadDeleted(BaseEvent):
    type: Literal["workload_deleted"] = "workload_deleted"
    workload_id: UUID


class ConsentChanged(BaseEvent):
    """An operator asked to read the user's conversations or read them, or the user answered: fetch the consents."""

    type: Literal["consent_changed"] = "consent_changed"
    consent_id: UUID
    state: Literal["asked", "given", "declined", "withdrawn", "used"]


class BaseRunEvent(BaseEvent):
    """Base of the events of a run."""

    run_id: UUID
    thread_id: UUID


class RunQueued(BaseRunEvent):
    """A question was asked: it has all that a device needs to show it. `title` is the conversation's."""

    type: Literal["run_queued"] = "run_queued"
    message_id: UUID
    client_id: UUID | None
    text: str
    title: str
    workload_id: UUID | None


class RunCancelRequested(BaseRunEvent):
    type: Literal["run_cancel_requested"] = "run_cancel_requested"


class BaseAgentEvent(BaseRunEvent):
    """Base of the events of one agent in one attempt at a run; `request_id` distinguishes two turns of an agent."""

    attempt: int
    request_id: UUID
    parent_request_id: UUID | None
    agent: str


class AgentStarted(BaseAgentEvent):
    type: Literal["agent_started"] = "agent_started"
    title: str


class AgentThinking(BaseAgentEvent):
    """A thought; `source` is "agent" for our own texts and "model" for a language model's, which are unverified.

    `part` numbers a model's texts within the agent's turn.
    """

    type: Literal["agent_thinking"] = "agent_thinking"
    thought: str
    source: Literal["agent", "model"] = "agent"
    part: int | None = None


class AgentWriting(BaseAgentEvent):
    """A language model's complete text so far, until the agent_thinking with this `part` replaces it."""

    type: Literal["agent_writing"] = "agent_writing"
    part: int
    text: str


class ToolExecuting(BaseAgentEvent):
    type: Literal["tool_executing"] = "tool_executing"
    call_id: str
    tool: str
    title: str
    arguments: JsonValue


class ToolCompleted(BaseAgentEvent):
    """The end of a call: `result` is what the model sees, cut to the tool's limit if `truncated`.

    `error` is a message for the user, and `code` is from tools.errors.
    """

    type: Literal["tool_completed"] = "tool_completed"
    call_id: str
    tool: str
    outcome: Literal["ok", "refused", "failed", "timeout", "cancelled"]
    code: str | None = None
    result: JsonValue = None
    truncated: bool = False
    error: str | None = None
    duration_ms: float


class BudgetWarning(BaseAgentEvent):
    """Four fifths of a budget are spent. Amounts are decimal strings.

    `spent` is None for a budget that several users share: a user must not see what the others spend.
    """

    type: Literal["budget_warning"] = "budget_warning"
    budget: str
    spent: str | None
    limit: str
    currency: Literal["USD"] = "USD"


class AgentCompleted(BaseAgentEvent):
    """`missing` names the parts that a degraded outcome lacks; `answer` is Markdown, in the top agent's event."""

    type: Literal["agent_completed"] = "agent_completed"
    outcome: Literal["completed", "degraded"]
    summary: str
    missing: tuple[str, ...] = ()
    answer: str | None = None
    duration_ms: float


class AgentError(BaseAgentEvent):
    """`code` is from core.exceptions, "deadline" or "revoked"; `message` is for the user.

    `stopping_ms` is the time from the request to stop until this end, in the top agent's event if there was a request.
    """

    type: Literal["agent_error"] = "agent_error"
    code: str
    message: str
    duration_ms: float
    stopping_ms: float | None = None


AgentEvent = (
    AgentStarted
    | AgentThinking
    | AgentWriting
    | ToolExecuting
    | ToolCompleted
    | BudgetWarning
    | AgentCompleted
    | AgentError
)
"""The events of a running agent."""

ResourceEvent = ThreadChanged | ThreadDeleted | WorkloadChanged | WorkloadDeleted | ConsentChanged
"""The changes of a user's resources outside runs."""

Event = Annotated[RunQueued | RunCancelRequested | AgentEvent | ResourceEvent, Field(discriminator="type")]

EVENT_ADAPTER: TypeAdapter[Event] = TypeAdapter(Event)
"""Parses stored and received events; an unknown type or field is an error."""


def is_terminal(event: Event) -> bool:
    """Whether this is the terminal event of a run's top agent."""
    # type() and not isinstance(), which takes ten times as long for an abstract class; the union is closed.
    return (type(event) is AgentCompleted or type(event) is AgentError) and event.parent_request_id is None


def get_run_id(event: Event) -> UUID | None:
    """Return the id of the event's run, if it belongs to one."""
    return getattr(event, "run_id", None)


class AgentFields(TypedDict):
    """The fields that identify the agent of an event."""

    run_id: UUID
    thread_id: UUID
    attempt: int
    agent: str
    request_id: UUID
    parent_request_id: UUID | None


def build_agent_fields(context: UserExecutionContext, agent: str) -> AgentFields:
    return AgentFields(
        run_id=context.run_id,
        thread_id=context.thread_id,
        attempt=context.attempt,
        agent=agent,
        request_id=context.request_id,
        parent_request_id=context.parent_request_id,
    )


class Emitter(Protocol):
    """Takes the events of a piece of work. It is bound to one context and passed as an argument, never looked up."""

    async def emit(self, event: AgentEvent) -> None:
        """Append the event to the user's stream, after all earlier ones.

        May return before the event is committed. Raises RunLost once another worker owns the run, and
        IsolationViolation for an event that belongs to another run than this emitter's.
        """
