"""Types of one agent's turn: the offline plan with its actions, and the protocol of whatever runs a turn.

A plan is a pure function of the history so far. Importing this module loads no model library."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from agents.llm.metering import Meter
from tools.dispatcher import ToolDispatcher


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
    """What a tool gave back."""

    tool: str
    ok: bool
    content: Any


@dataclass(frozen=True, slots=True)
class PlanHistory:
    """The history so far: the user's own words and what the tools gave back, in order."""

    ask: str
    results: tuple[PlannedCallResult, ...]

    def find_last(self, tool: str) -> PlannedCallResult | None:
        return next((each for each in reversed(self.results) if each.tool == tool), None)


PlanAction = FinalText | FinalOutput | Sequence[PlannedCall]
OfflinePlan = Callable[[PlanHistory], PlanAction]


def build_call_plan(*tools: str) -> OfflinePlan:
    """A plan that calls tools without arguments in one turn, in this order and once each, then stops."""

    def plan(turn: PlanHistory) -> PlanAction:
        todo = [tool for tool in tools if turn.find_last(tool) is None]
        return [PlannedCall(tool, {}) for tool in todo] or FinalText("Done.")

    return plan


ModelOutput = TypeVar("ModelOutput")
ModelOutput_co = TypeVar("ModelOutput_co", covariant=True)


@dataclass(frozen=True, slots=True)
class TextChunk:
    """A language model's text: `part` is its number within the turn, `final` whether it is all there."""

    part: int
    text: str
    final: bool


OnText = Callable[[TextChunk], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTurn(Generic[ModelOutput_co]):
    """`output` is the model's, and nothing that a figure may rest on; `messages` is the history as JSON."""

    output: ModelOutput_co
    messages: Any


class ModelRunner(Protocol):
    """What wiring hands to the agents of one run (`agents.llm.offline.follow_plan`, or `agents.llm.loop.ModelLoop`)."""

    async def __call__(
        self,
        plan: OfflinePlan,
        dispatcher: ToolDispatcher,
        *,
        instructions: str,
        prompt: str,
        output_type: type[ModelOutput],
        on_text: OnText,
        meter: Meter | None = None,
    ) -> ModelTurn[ModelOutput]:
        """Call the dispatcher's tools until there is an answer. `on_text` is told a language model's texts, `meter` is
        asked before each request to it.

        Raises ModelUnavailable where a model's server fails or the model runs in circles, and BudgetExhausted.
        """
