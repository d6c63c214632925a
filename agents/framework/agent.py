"""BaseAgent: one agent's turn in a run, told from agent_started to exactly one terminal event."""

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, TypeVar
from uuid import uuid4

from agents.brief import Brief
from agents.guard import StepRecord
from agents.instructed import instructed
from agents.kit import AgentFailed, AgentKit, Done, Out
from agents.metering import RunMeter
from agents.planner import Move, Turn, call_each
from agents.stopping import milliseconds
from agents.thinking import Conversation, Words
from netra.core.context import UserExecutionContext
from netra.core.events import AgentCompleted, AgentError, AgentStarted, AgentThinking, AgentWriting, who
from netra.core.exceptions import InvalidContext, OperatorError, RunLost, UserError
from netra.core.jsonable import jsonable, storable
from netra.language.languages import language_of
from netra.language.saying import kept
from netra.language.text import Text, quoted, text
from tools.base import RunFacts
from tools.dispatcher import ToolDispatcher

log = logging.getLogger(__name__)

Said = TypeVar("Said")


class BaseAgent(ABC, Generic[Out]):
    """Subclasses name themselves, say what they hand on, which tools they may call, and perform."""

    name: ClassVar[str]
    title: ClassVar[str]  # as all that it says: a Text of ours, or a team's own words, which are said as they are
    seconds: ClassVar[float]  # deadline of one turn
    output: ClassVar[type[Any]]  # a frozen dataclass, stored as JSON and revived by pydantic
    tools: ClassVar[tuple[str, ...]] = ()
    instructions: ClassVar[str] = ""
    essential: ClassVar[bool] = False  # without it the run fails; without others it is degraded

    def __init__(self, context: UserExecutionContext, kit: AgentKit) -> None:
        if not isinstance(context, UserExecutionContext):
            raise InvalidContext(f"{type(self).__name__} needs a UserExecutionContext, not {type(context).__name__}")
        self.context = context
        self.kit = kit
        self.language = language_of(context.locale)

    @abstractmethod
    def opening(self, brief: Brief) -> str:
        """The first thought: what this agent is about to do, for the user."""

    @abstractmethod
    async def perform(self, brief: Brief) -> Done[Out]:
        """The work itself. Raises UserError or OperatorError where it cannot be done."""

    def plan(self, turn: Turn) -> Move:
        """What the offline planner does in this agent's place; unless said otherwise: each tool once, in order."""
        return call_each(*self.tools)(turn)

    @classmethod
    def establishes(cls, facts: RunFacts, output: Any) -> RunFacts:
        """The run's facts after this agent."""
        return facts

    async def execute(self, brief: Brief) -> Out:
        """Take the turn. Raises AgentFailed after its agent_error was told."""
        started = time.monotonic()
        await self.kit.recorder.emit(AgentStarted(**who(self.context, self.name), title=self.language.say(self.title)))
        try:
            done = await self._within_deadline(brief)
        except asyncio.CancelledError:
            if self.kit.stop.because is not None:
                await self._fail(self.kit.stop.because, self.kit.stop.words, started)
            elif datetime.now(UTC) >= self.context.deadline:
                # The run's own deadline: the agent above was quicker to notice.
                await self._fail("deadline", self._overdue(), started)
            raise
        except AgentFailed as failed:
            await self._fail(failed.code, failed.words, started)
            raise AgentFailed(self.name, failed.code, failed.words) from failed
        except RunLost:
            raise
        except Exception as error:
            code, message = self._explained(error)
            await self._fail(code, message, started)
            raise AgentFailed(self.name, code, message) from error
        await self._complete(done, started)
        return done.output

    async def think(self, thought: str) -> None:
        said = self.language.say(thought)
        await self.kit.recorder.emit(AgentThinking(**who(self.context, self.name), thought=said))

    def hands(self, brief: Brief) -> ToolDispatcher:
        """This turn's dispatcher; use it `async with`."""
        return self.kit.dispatchers.for_context(
            self.context,
            agent=self.name,
            tools=self.tools,
            recorder=self.kit.recorder,
            session=self.kit.session,
            facts=brief.facts,
            warned=self.kit.warned,
        )

    async def converse(self, hands: ToolDispatcher, brief: Brief, output_type: type[Said]) -> Conversation[Said]:
        """Let the run's model, or without one the plan, work with this agent's tools; a model's words are told."""
        return await self.kit.think(
            self.plan,
            hands,
            instructions=instructed(self.instructions, self.language),
            prompt=brief.ask,
            output_type=output_type,
            heard=self._heard,
            meter=self._meter(),
        )

    def _meter(self) -> RunMeter | None:
        if self.kit.prices is None:
            return None
        recorder = self.kit.recorder
        return RunMeter(
            context=self.context,
            agent=self.name,
            emitter=recorder,
            emit_entry=recorder.spend,
            prices=self.kit.prices,
            warned=self.kit.warned,
            database=self.kit.database,
        )

    async def _heard(self, words: Words) -> None:
        mine, spoken = who(self.context, self.name), storable(words.text)
        event = (
            AgentThinking(**mine, thought=spoken, source="model", part=words.part)
            if words.final
            else AgentWriting(**mine, text=spoken, part=words.part)
        )
        await self.kit.recorder.emit(event)

    async def _within_deadline(self, brief: Brief) -> Done[Out]:
        clock = asyncio.timeout((self.context.deadline - datetime.now(UTC)).total_seconds())
        try:
            async with clock:
                await self.think(self.opening(brief))
                return await self.perform(brief)
        except TimeoutError as error:
            if not clock.expired():
                raise
            raise AgentFailed(self.name, "deadline", self._overdue()) from error

    def _overdue(self) -> Text:
        return text("{agent} did not finish within its time limit and was stopped.", agent=self.title)

    async def _complete(self, done: Done[Out], started: float) -> None:
        event = AgentCompleted(
            **who(self.context, self.name),
            outcome="degraded" if done.missing else "completed",
            summary=self.language.say(done.summary),
            missing=done.missing,
            answer=None if done.answer is None else self.language.say(done.answer),
            duration_ms=_since(started),
        )
        step = StepRecord(agent=self.name, output=jsonable(kept(done.output)), messages=done.messages)
        await self.kit.recorder.record(event, step)

    async def _fail(self, code: str, message: Text, started: float) -> None:
        event = AgentError(
            **who(self.context, self.name),
            code=code,
            message=self.language.say(message),
            duration_ms=_since(started),
            stopping_ms=self._stopping(),
        )
        await self.kit.recorder.record(event)

    def _stopping(self) -> float | None:
        since = self.kit.stop.since
        if since is None or self.context.parent_request_id is not None:
            return None
        return milliseconds(since)

    def _explained(self, error: Exception) -> tuple[str, Text]:
        if isinstance(error, UserError | OperatorError):
            return error.code, quoted(str(error))
        # The user learns that it failed and under which number; the details are for whoever reads the log.
        reference = uuid4().hex[:8]
        log.error("agent %s failed (reference %s)", self.name, reference, exc_info=error)
        return "defect", text(
            "{what} failed inside Netra (reference {reference}).", what=self.title, reference=reference
        )


def _since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 3)
