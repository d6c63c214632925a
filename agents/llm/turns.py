"""Types of one agent's turn: the offline plan with its actions, and the protocol of whatever runs a turn.

A plan is a pure function of the history so far. Importing this module loads no model library."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from agents.llm.metering import Meter
from tools.dispatcher import CallDispatcher


@dataclass(frozen=True, slots=True)
class FinalText:
    """End the turn with a text."""

    text: str


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """Call a tool."""

    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FinalOutput:
    """End the turn with the typed output that the agent asked for."""

    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PlannedCallResult:
    """The result of a planned call."""

    tool: str
    ok: bool
    content: Any


@dataclass(frozen=True, slots=True)
class PlanHistory:
    """The history so far: the user's question, and the results of the plan's calls in order."""

    ask: str
    results: tuple[PlannedCallResult, ...]

    def find_last(self, tool: str) -> PlannedCallResult | None:
        """Return the last result of a tool, if there is one."""
        return next((each for each in reversed(self.results) if each.tool == tool), None)


PlanAction = FinalText | FinalOutput | Sequence[PlannedCall]
OfflinePlan = Callable[[PlanHistory], PlanAction]


def build_call_plan(*tools: str) -> OfflinePlan:
    """Return a plan that calls each of the tools once, in this order and without arguments."""

    def plan(turn: PlanHistory) -> PlanAction:
        todo = [tool for tool in tools if turn.find_last(tool) is None]
        return [PlannedCall(tool, {}) for tool in todo] or FinalText("Done.")

    return plan


ModelOutput = TypeVar("ModelOutput")
ModelOutput_co = TypeVar("ModelOutput_co", covariant=True)


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A text of a language model: `part` is its number within the turn, `final` whether it is complete."""

    part: int
    text: str
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnLimits:
    """Limits of one turn with a language model: requests and tool calls, and seconds spent on waiting for it.

    `silence_seconds` limits each wait for the next piece of an answer, `seconds` all of them together. Time in which
    tools run does not count.
    """

    requests: int = 25
    calls: int = 60
    silence_seconds: float | None = None
    seconds: float | None = None


NO_LIMITS = TurnLimits()
"""Only those that keep a turn from going on forever."""

OnText = Callable[[TextChunk], Awaitable[None]]

Revise = Callable[[TextChunk], Awaitable[TextChunk]]
"""Returns a text as it is to be published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTurn(Generic[ModelOutput_co]):
    """The model's output, on which no figure may depend, and the history as JSON."""

    output: ModelOutput_co
    messages: Any


class ModelRunner(Protocol):
    """Runs an agent's turn: `agents.llm.offline.follow_plan` or `agents.llm.loop.ModelLoop`."""

    async def __call__(
        self,
        plan: OfflinePlan,
        dispatcher: CallDispatcher[Any, Any],
        *,
        instructions: str,
        prompt: str,
        output_type: type[ModelOutput],
        on_text: OnText,
        meter: Meter | None = None,
        limits: TurnLimits = NO_LIMITS,
    ) -> ModelTurn[ModelOutput]:
        """Call the dispatcher's tools until there is an answer. `on_text` receives a language model's texts; `meter`
        checks the budget before each request to it, and `limits` bound what the model may do.

        Raises ModelUnavailable if the model's server fails or the model does not finish, and BudgetExhausted.
        """
