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
    """What every event has. `at` is aware (UTC)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: datetime = Field(default_factory=_now)


class ThreadChanged(BaseEvent):
    """A conversation was made or renamed."""

    type: Literal["thread_changed"] = "thread_changed"
    thread_id: UUID
    title: str


class ThreadDeleted(BaseEvent):
    type: Literal["thread_deleted"] = "thread_deleted"
    thread_id: UUID


class WorkloadChanged(BaseEvent):
    """A log was brought, renamed, read or could not be read; `state` is that of workloads.models.Workload."""

    type: Literal["workload_changed"] = "workload_changed"
    workload_id: UUID
    name: str
    state: str


class WorkloadDeleted(BaseEvent):
    type: Literal["workload_deleted"] = "workload_deleted"
    workload_id: UUID


class ConsentChanged(BaseEvent):
    """An operator asked to read what the user said, or read it, or the user answered: fetch the consents."""

    type: Literal["consent_changed"] = "consent_changed"
    consent_id: UUID
    state: Literal["asked", "given", "declined", "withdrawn", "used"]


class BaseRunEvent(BaseEvent):
    """Of one run."""

    run_id: UUID
    thread_id: UUID


class RunQueued(BaseRunEvent):
    """A question was asked: all that a device needs to show it. `title` is the conversation's."""

    type: Literal["run_queued"] = "run_queued"
    message_id: UUID
    client_id: UUID | None
    text: str
    title: str
    workload_id: UUID | None


class RunCancelRequested(BaseRunEvent):
    type: Literal["run_cancel_requested"] = "run_cancel_requested"


class BaseAgentEvent(BaseRunEvent):
    """Of one agent in one attempt at a run; `request_id` tells two turns of the same agent apart."""

    attempt: int
    request_id: UUID
    parent_request_id: UUID | None
    agent: str


class AgentStarted(BaseAgentEvent):
    type: Literal["agent_started"] = "agent_started"
    title: str


class AgentThinking(BaseAgentEvent):
    """`source` is "agent" for our own words and "model" for a language model's, which nobody has verified.

    A model's texts are numbered within the agent's turn by `part`.
    """

    type: Literal["agent_thinking"] = "agent_thinking"
    thought: str
    source: Literal["agent", "model"] = "agent"
    part: int | None = None


class AgentWriting(BaseAgentEvent):
    """A language model's text so far, whole each time, until the agent_thinking with this `part` takes its place."""

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
    """`result` is what the model is shown, cut to the tool's limit where `truncated`; `error` is for the user.

    `code` tells what was wrong, as tools.errors has it.
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
    """Four fifths of a budget are spent. Amounts are decimals in text; `spent` is None for a budget that several users
    share: what the others spend is not this user's to know."""

    type: Literal["budget_warning"] = "budget_warning"
    budget: str
    spent: str | None
    limit: str
    currency: Literal["USD"] = "USD"


class AgentCompleted(BaseAgentEvent):
    """`missing` names the parts that a degraded outcome lacks; `answer` is Markdown, on the top agent's event."""

    type: Literal["agent_completed"] = "agent_completed"
    outcome: Literal["completed", "degraded"]
    summary: str
    missing: tuple[str, ...] = ()
    answer: str | None = None
    duration_ms: float


class AgentError(BaseAgentEvent):
    """`code` is that of core.exceptions, "deadline" or "revoked"; `message` is fit for the user.

    `stopping_ms` is how long it took from the wish to stop to this end, on the top agent's where there was one.
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
"""What an agent at work can say."""

ResourceEvent = ThreadChanged | ThreadDeleted | WorkloadChanged | WorkloadDeleted | ConsentChanged
"""What can happen to a user's things outside any run."""

Event = Annotated[RunQueued | RunCancelRequested | AgentEvent | ResourceEvent, Field(discriminator="type")]

EVENT_ADAPTER: TypeAdapter[Event] = TypeAdapter(Event)
"""Parses any stored or received event; an unknown type or field is an error."""


def is_terminal(event: Event) -> bool:
    """Whether this is a terminal event of a run's top agent."""
    # Its very type: the union is closed, and an abstract class takes ten times as long to answer isinstance().
    return (type(event) is AgentCompleted or type(event) is AgentError) and event.parent_request_id is None


def get_run_id(event: Event) -> UUID | None:
    """The run that an event is of, if it is of one."""
    return getattr(event, "run_id", None)


class AgentFields(TypedDict):
    """The fields that tell whose an agent's event is."""

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
    """Where a piece of work says what it does. Bound to one context; handed down, never looked up."""

    async def emit(self, event: AgentEvent) -> None:
        """Take the event into the user's stream, after all that were given before.

        May return before the event is committed. Raises RunLost once another worker owns the run, and
        IsolationViolation for an event that is not of this emitter's run.
        """
