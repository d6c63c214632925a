"""An agent's input, its dependencies and the result of its turn."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar

from agents.answers.two_logs import OtherLog
from agents.framework.background import DeferredWork
from agents.framework.model_turns import ModelLoss
from agents.history import EarlierQuestion
from agents.language.questions import QuestionReader
from agents.llm.metering import ModelPrices
from agents.llm.turns import NO_LIMITS, ModelRunner, TurnLimits
from agents.run_queue import StopSignal
from agents.run_rows import StepRecord
from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.events import AgentCompleted, AgentError
from core.exceptions import Defect, NetraError
from core.i18n.text import Text
from tools.base import RunFacts
from tools.calls import AlertedBudgets, CallRecorder
from tools.run_dispatcher import ToolDispatcherFactory
from workloads.analysis.session import AnalysisSession
from workloads.pricing.assumptions import UTC_ZONE


class RunRecorder(CallRecorder, Protocol):
    """An emitter that also records the end of an agent's turn."""

    async def record(self, event: AgentCompleted | AgentError, step: StepRecord | None = None) -> None:
        """Store a terminal event with its step in one transaction, after everything emitted before.

        The top agent's ends the run in the same transaction, and this returns when that is committed. That of any other
        agent is committed before whatever follows it; if it can't be, the next call raises why.
        """


Output = TypeVar("Output")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """The input of an agent's turn: the facts that tools may rely on, and the outputs of earlier agents by name."""

    facts: RunFacts
    outputs: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def ask(self) -> str:
        return self.facts.ask

    def get_output(self, agent: str, kind: type[Output]) -> Output:
        """Return the output of an earlier agent. Raises Defect if there is none of this type."""
        output = self.outputs.get(agent)
        if not isinstance(output, kind):
            raise Defect(f"{agent} has no output of type {kind.__name__}")
        return output

    def with_output(self, agent: str, output: object, facts: RunFacts) -> "RunInput":
        return replace(self, outputs=MappingProxyType({**self.outputs, agent: output}), facts=facts)

    def with_failure(self, agent: str, reason: Text) -> "RunInput":
        """`reason`: why that agent failed, for the user."""
        missing = (*self.facts.missing, agent)
        why = MappingProxyType({**self.facts.because, agent: reason})
        return replace(self, facts=replace(self.facts, missing=missing, because=why))


AgentOutput = TypeVar("AgentOutput")


class AgentFailed(NetraError):
    """An agent ended with an agent_error, which is published already; `code` is that event's code."""

    def __init__(self, agent: str, code: str, message: Text) -> None:
        super().__init__(message)
        self.agent = agent
        self.code = code
        self.message = message


def ignore_deprecated_call(agent: str, what: str, times: int) -> None:
    """Do nothing, for processes without metrics."""


def ignore_unbacked_figures(count: int) -> None:
    """Do nothing, for processes without metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDeps:
    """The dependencies of the agents of one run.

    `model_runner` runs an agent's turn with the model; `model_prices` prices it (None: it costs nothing). `agent_order`
    names the agents after triage. `steps` are the steps that earlier attempts finished. `deferred_work` is for what
    follows the run's end. `on_deprecated_call` counts an agent's calls of deprecated methods. `database` runs the
    agents' queries. `answer_limits` are those of the remote model `model_name` that answers questions (None: there is
    no such model), `turn_limits` those of its other turns, `model_loss` says whether it failed before in this run, and
    `on_unbacked_figures` counts the numbers of its words that no result backs. `question_reader`
    reads questions without a model, `earlier` are the questions of the thread before this run's, `other_logs` the
    user's logs besides the run's, newest first. `time_zone` is the reader's.
    """

    recorder: RunRecorder
    dispatcher_factory: ToolDispatcherFactory
    session: AnalysisSession
    model_runner: ModelRunner
    notice: Text | None
    stop: StopSignal
    model_prices: ModelPrices | None = None
    alerted_budgets: AlertedBudgets = field(default_factory=AlertedBudgets)
    agent_order: tuple[str, ...] = ()
    steps: Mapping[str, StepRecord] = field(default_factory=dict)
    deferred_work: DeferredWork = field(default_factory=DeferredWork)
    on_deprecated_call: Callable[[str, str, int], None] = ignore_deprecated_call
    answer_limits: TurnLimits | None = None
    turn_limits: TurnLimits = NO_LIMITS
    model_loss: ModelLoss = field(default_factory=ModelLoss)
    model_name: str = ""
    on_unbacked_figures: Callable[[int], None] = ignore_unbacked_figures
    database: DatabaseExecutor = field(default_factory=SharedThreadExecutor)
    question_reader: QuestionReader = field(default_factory=QuestionReader)
    earlier: tuple[EarlierQuestion, ...] = ()
    other_logs: tuple[OtherLog, ...] = ()
    time_zone: str = UTC_ZONE


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResult(Generic[AgentOutput]):
    """The result of a successful turn. `summary` and `answer` are translated if they are Texts."""

    output: AgentOutput
    summary: str
    messages: Any = None
    missing: tuple[str, ...] = ()
    answer: str | None = None
