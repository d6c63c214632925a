"""BaseAgent: one agent's turn in a run, from agent_started to exactly one terminal event."""

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Generic, Literal
from uuid import uuid4

from agents.framework.composition import Composer
from agents.framework.deps import AgentDeps, AgentFailed, AgentOutput, AgentResult, RunInput
from agents.framework.model_turns import localize_instructions
from agents.llm.metering import RunMeter
from agents.llm.turns import (
    ModelOutput,
    ModelRunner,
    ModelTurn,
    PlanAction,
    PlanHistory,
    Revise,
    TextChunk,
    TurnLimits,
    build_call_plan,
)
from agents.run_queue import get_milliseconds_since
from core.context import UserExecutionContext
from core.db import is_database_away
from core.events import AgentCompleted, AgentError, AgentStarted, AgentThinking, AgentWriting, build_agent_fields
from core.exceptions import InvalidContext, OperatorError, RunLost, UserError
from core.i18n.language import match_language
from core.i18n.text import Text, text, verbatim_text
from core.json_data import to_storable
from tools.base import RunFacts
from tools.dispatcher import CallDispatcher
from tools.run_dispatcher import ToolDispatcher

log = logging.getLogger(__name__)


class BaseAgent(ABC, Generic[AgentOutput]):
    """Base of all agents. A subclass declares its name, output and tools, and implements `opening` and `perform`."""

    name: ClassVar[str]
    title: ClassVar[str]  # a Text is translated; a plain string is shown as it is
    seconds: ClassVar[float]  # time limit of one turn
    output: ClassVar[type[Any]]  # a frozen dataclass, stored as JSON and restored by pydantic
    tools: ClassVar[tuple[str, ...]] = ()
    instructions: ClassVar[str] = ""
    essential: ClassVar[bool] = False  # without it the run fails; without others it is degraded
    pattern: ClassVar[Literal["modern", "legacy_bridge"]] = "modern"  # the migration kit's bridges set the other

    def __init__(self, context: UserExecutionContext, deps: AgentDeps) -> None:
        if not isinstance(context, UserExecutionContext):
            raise InvalidContext(f"{type(self).__name__} needs a UserExecutionContext, not {type(context).__name__}")
        self.context = context
        self.deps = deps
        self.language = match_language(context.locale)
        self.composer = Composer(deps.session, self.name, self.language.tag)

    @abstractmethod
    def opening(self, run_input: RunInput) -> str:
        """Return the first thought: what this agent is about to do, for the user."""

    @abstractmethod
    async def perform(self, run_input: RunInput) -> AgentResult[AgentOutput]:
        """Do the work. Raises UserError or OperatorError if that is impossible."""

    def plan(self, turn: PlanHistory) -> PlanAction:
        """Return the next action of the offline plan. By default the plan calls each tool once, in order."""
        return build_call_plan(*self.tools)(turn)

    @classmethod
    def update_facts(cls, facts: RunFacts, output: Any) -> RunFacts:
        """Return the run's facts after this agent."""
        return facts

    async def execute(self, run_input: RunInput) -> AgentOutput:
        """Take the turn and return its output. Raises AgentFailed after its agent_error was published."""
        started = time.monotonic()
        await self.deps.recorder.emit(
            AgentStarted(**build_agent_fields(self.context, self.name), title=self.language.translate(self.title))
        )
        try:
            result = await self._perform_within_deadline(run_input)
        except asyncio.CancelledError:
            if self.deps.stop.reason is not None:
                await self._record_failure(self.deps.stop.reason, self.deps.stop.message, started)
            elif datetime.now(UTC) >= self.context.deadline:
                # The run's own deadline: the parent agent noticed it first.
                await self._record_failure("deadline", self._build_deadline_message(), started)
            raise
        except AgentFailed as failed:
            await self._record_failure(failed.code, failed.message, started)
            raise AgentFailed(self.name, failed.code, failed.message) from failed
        except Exception as error:
            if isinstance(error, RunLost) or is_database_away(error):
                raise  # another attempt goes on
            code, message = self._describe_error(error)
            await self._record_failure(code, message, started)
            raise AgentFailed(self.name, code, message) from error
        await self._record_completion(result, started)
        return result.output

    async def think(self, thought: str) -> None:
        """Publish a thought for the user."""
        translated = self.language.translate(thought)
        await self.deps.recorder.emit(AgentThinking(**build_agent_fields(self.context, self.name), thought=translated))

    def open_dispatcher(self, run_input: RunInput) -> ToolDispatcher:
        """Return this turn's dispatcher; use it with `async with`."""
        return self.deps.dispatcher_factory.for_context(
            self.context,
            agent=self.name,
            tools=self.tools,
            recorder=self.deps.recorder,
            session=self.deps.session,
            facts=run_input.facts,
            alerted_budgets=self.deps.alerted_budgets,
        )

    async def run_model(
        self,
        dispatcher: CallDispatcher[Any, Any],
        run_input: RunInput,
        output_type: type[ModelOutput],
        *,
        prompt: str | None = None,
        limits: TurnLimits | None = None,
        revise: Revise | None = None,
    ) -> ModelTurn[ModelOutput]:
        """Run the model, or without one the offline plan, with this agent's tools. Publish a model's texts.

        `prompt` is what the model is asked (by default the question). `revise` changes its texts before they are
        published. With `limits`, the caller does without a model that fails; otherwise the offline plan does.
        """

        async def publish(chunk: TextChunk) -> None:
            revised = chunk if revise is None else await revise(chunk)
            if revised.text:
                await self._emit_text(revised)

        def start(runner: ModelRunner) -> Awaitable[ModelTurn[ModelOutput]]:
            return runner(
                self.plan,
                dispatcher,
                instructions=localize_instructions(self.instructions, self.language),
                prompt=run_input.ask if prompt is None else prompt,
                output_type=output_type,
                on_text=publish,
                meter=self._create_meter(),
                limits=limits or self.deps.turn_limits,
            )

        if limits is not None:
            return await start(self.deps.model_runner)
        return await self.deps.model_loss.run_turn(start, self.deps.model_runner, self.think)

    def _create_meter(self) -> RunMeter | None:
        if self.deps.model_prices is None:
            return None
        recorder = self.deps.recorder
        return RunMeter(
            context=self.context,
            agent=self.name,
            emitter=recorder,
            emit_entry=recorder.spend,
            model_prices=self.deps.model_prices,
            alerted_budgets=self.deps.alerted_budgets,
            database=self.deps.database,
        )

    async def _emit_text(self, chunk: TextChunk) -> None:
        fields, model_text = build_agent_fields(self.context, self.name), to_storable(chunk.text)
        event = (
            AgentThinking(**fields, thought=model_text, source="model", part=chunk.part)
            if chunk.final
            else AgentWriting(**fields, text=model_text, part=chunk.part)
        )
        await self.deps.recorder.emit(event)

    async def _perform_within_deadline(self, run_input: RunInput) -> AgentResult[AgentOutput]:
        timeout = asyncio.timeout((self.context.deadline - datetime.now(UTC)).total_seconds())
        try:
            async with timeout:
                await self.think(self.opening(run_input))
                return await self.perform(run_input)
        except TimeoutError as error:
            if not timeout.expired():
                raise
            raise AgentFailed(self.name, "deadline", self._build_deadline_message()) from error

    def _build_deadline_message(self) -> Text:
        return text("{agent} exceeded its time limit and was stopped.", agent=self.title)

    async def _record_completion(self, result: AgentResult[AgentOutput], started: float) -> None:
        event = AgentCompleted(
            **build_agent_fields(self.context, self.name),
            outcome="degraded" if result.missing else "completed",
            summary=self.language.translate(result.summary),
            missing=result.missing,
            answer=None if result.answer is None else self.language.translate(result.answer),
            duration_ms=_get_elapsed_ms(started),
        )
        step = await self.composer.build_step(result.output, result.messages)
        await self.deps.recorder.record(event, step)

    async def _record_failure(self, code: str, message: Text, started: float) -> None:
        event = AgentError(
            **build_agent_fields(self.context, self.name),
            code=code,
            message=self.language.translate(message),
            duration_ms=_get_elapsed_ms(started),
            stopping_ms=self._get_stopping_ms(),
        )
        await self.deps.recorder.record(event)

    def _get_stopping_ms(self) -> float | None:
        since = self.deps.stop.since
        if since is None or self.context.parent_request_id is not None:
            return None
        return get_milliseconds_since(since)

    def _describe_error(self, error: Exception) -> tuple[str, Text]:
        if isinstance(error, UserError | OperatorError):
            return error.code, verbatim_text(str(error))
        # The user sees that it failed and a reference; the details are in the log only.
        reference = uuid4().hex[:8]
        log.error("agent %s failed (reference %s)", self.name, reference, exc_info=error)
        return "defect", text(
            "{what} failed because of an internal error (reference {reference}).", what=self.title, reference=reference
        )


def _get_elapsed_ms(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 3)


async def ensure_called(
    dispatcher: CallDispatcher[Any, Any], tool: str, arguments: Mapping[str, Any] | None = None
) -> Any:
    """Return a tool's value, and call the tool if the model has not: a model cannot leave out a required call.

    Raises ToolFailed if the tool fails.
    """
    required = dict(arguments or {})
    found = dispatcher.find_result(tool, required)
    return found.value if found is not None else (await dispatcher.dispatch(tool, required)).value
