"""Types of one agent's turn: the offline plan with its actions, the protocol of whatever runs a turn, and its limits,
such as how long a language model may take for each piece of its answers and for all of them together.

A plan is a pure function of the history so far. Importing this module loads no model library."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from agents.llm.metering import Meter
from core.exceptions import ModelUnavailable
from core.i18n.text import text
from tools.dispatcher import CallDispatcher

ANSWER_REQUESTS, ANSWER_CALLS = 5, 8
PATIENCES_OF_ANSWER = 3
"""A question takes two requests to a model: for the plan and for the words. The others are for mistaken calls."""

UNUSABLE_ANSWER = text(
    "The language model's answer couldn't be used. Try again, or ask your administrator to choose a model that "
    "supports tool calls."
)


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


def build_answer_limits(silence_seconds: float) -> TurnLimits:
    """Return the limits of a model that answers a question, which is otherwise answered without it."""
    return TurnLimits(
        requests=ANSWER_REQUESTS,
        calls=ANSWER_CALLS,
        silence_seconds=silence_seconds,
        seconds=PATIENCES_OF_ANSWER * silence_seconds,
    )


def build_turn_limits(silence_seconds: float) -> TurnLimits:
    """Return the limits of a model's turn for a report, which the offline plan takes if the model is silent."""
    return TurnLimits(silence_seconds=silence_seconds)


class Patience:
    """Use it with `async with` around a turn, and call `notice` at each event of it. Raises ModelUnavailable when the
    model is silent for too long or takes too long in all; time in which a tool runs does not count."""

    def __init__(self, limits: TurnLimits) -> None:
        self._silence = limits.silence_seconds
        self._left = limits.seconds
        self._timeout = asyncio.timeout(None)
        self._waiting_since: float | None = None

    async def __aenter__(self) -> Self:
        await self._timeout.__aenter__()
        self._wait()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            await self._timeout.__aexit__(kind, error, trace)
        except TimeoutError as timeout:
            if not self._timeout.expired():
                raise
            raise ModelUnavailable(text("The language model didn't respond in time. Try again later.")) from timeout

    def notice(self, *, is_tool_running: bool) -> None:
        """Start to wait anew: an event has come. Until the next one, no time counts while a tool runs."""
        if self._timeout.expired():
            return
        now = asyncio.get_running_loop().time()
        if self._left is not None and self._waiting_since is not None:
            self._left -= now - self._waiting_since
        if is_tool_running:
            self._waiting_since = None
            self._timeout.reschedule(None)
        else:
            self._wait()

    def _wait(self) -> None:
        self._waiting_since = asyncio.get_running_loop().time()
        limits = [limit for limit in (self._silence, self._left) if limit is not None]
        self._timeout.reschedule(self._waiting_since + min(limits) if limits else None)
