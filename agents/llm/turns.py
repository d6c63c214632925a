"""How an agent thinks: with a language model, or by following its plan. Either way its hands are the dispatcher's."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from agents.metering import Meter
from agents.planner import Plan
from tools.dispatcher import ToolDispatcher

Out = TypeVar("Out")
Said_co = TypeVar("Said_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Words:
    """A language model's text: `part` is its number within the turn, `final` whether it is all there."""

    part: int
    text: str
    final: bool


Heard = Callable[[Words], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation(Generic[Said_co]):
    """`output` is the model's, and nothing that a figure may rest on; `messages` is the history as JSON."""

    output: Said_co
    messages: Any


class Think(Protocol):
    """What wiring hands to the agents of one run (`agents.planned.follow_plan`, or `agents.conversation.Talking`)."""

    async def __call__(
        self,
        plan: Plan,
        dispatcher: ToolDispatcher,
        *,
        instructions: str,
        prompt: str,
        output_type: type[Out],
        heard: Heard,
        meter: Meter | None = None,
    ) -> Conversation[Out]:
        """Call the dispatcher's tools until there is an answer. `heard` is told a language model's texts, `meter` is
        asked before each request to it.

        Raises ModelUnavailable where a model's server fails or the model runs in circles, and BudgetExhausted.
        """
