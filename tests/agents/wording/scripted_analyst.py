"""The analyst with a scripted model and a small log that this process opens: no server, child or database."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar, cast
from uuid import UUID, uuid4

from pydantic_ai.messages import ModelMessage, ModelRequest, ToolReturnPart, UserPromptPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCall, FunctionModel

from agents.framework.deps import AgentDeps, RunInput
from agents.history import EarlierQuestion
from agents.language.questions import QuestionReader
from agents.language.reading import Turn, dump_turn, load_turn
from agents.llm.loop import ModelLoop
from agents.llm.turns import TurnLimits
from agents.run_queue import StopSignal
from agents.team.analyst import AnalystAgent, AnalystOutput
from agents.team.triage_output import TriageOutput
from core.i18n.text import verbatim_text
from tests.support.fakes import FakeRecorder, anything, context
from tools.base import RunFacts
from tools.registry import TOOLS
from tools.run_dispatcher import ToolDispatcherFactory
from workloads.analysis.analysis import Analysis
from workloads.analysis.session import AnalysisSession

T = TypeVar("T")
READER = QuestionReader()
LIMITS = TurnLimits(requests=5, calls=8)

Said = str | tuple[str, dict[str, Any]] | Exception
"""What a model says: words, a call of a tool with its arguments, or nothing, as its server fails."""


@dataclass(slots=True)
class OpenedLog:
    """A session over an opened log."""

    analysis: Analysis
    workload_id: UUID = field(default_factory=uuid4)
    is_open: bool = True

    async def open_kept(self) -> None:
        return None

    async def ask(self, question: Callable[[Analysis], T]) -> T:
        return await asyncio.to_thread(question, self.analysis)

    async def ask_about(self, workload_id: UUID | None, question: Callable[[Analysis], T]) -> T:
        assert workload_id is None
        return await self.ask(question)

    async def find_private_words(self, words: frozenset[str]) -> frozenset[str]:
        return await self.ask(lambda analysis: analysis.find_private_words(words))


@dataclass(slots=True)
class ScriptedModel:
    """Says one thing after the other, the last one forever. `prompts` and `returned` are what it was told."""

    says: Sequence[Said]
    asked: int = 0
    prompts: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)

    async def __call__(self, messages: list[ModelMessage], info: AgentInfo) -> AsyncIterator[Any]:
        said = self.says[min(self.asked, len(self.says) - 1)]
        self.asked += 1
        last = messages[-1]
        assert isinstance(last, ModelRequest)
        self.prompts += [str(part.content) for part in last.parts if isinstance(part, UserPromptPart)]
        self.returned += [str(part.content) for part in last.parts if isinstance(part, ToolReturnPart)]
        match said:
            case str():
                yield said
            case (name, arguments):
                yield {0: DeltaToolCall(name=name, json_args=json.dumps(arguments))}
            case Exception():
                raise said


@dataclass(frozen=True, slots=True, kw_only=True)
class WordedTurn:
    """What came of a question: the answer's JSON, what the next one may refer to, what was published and counted."""

    answer: dict[str, Any]
    turn: Turn
    told: FakeRecorder
    unbacked: list[int]

    @property
    def text(self) -> str:
        return str(self.answer["text"])

    @property
    def notes(self) -> str:
        return "\n".join(self.answer["notes"])


async def ask(
    log: OpenedLog,
    model: ScriptedModel,
    question: str,
    *,
    limits: TurnLimits | None = LIMITS,
    earlier: tuple[EarlierQuestion, ...] = (),
    remote: bool = False,
) -> WordedTurn:
    """Ask the analyst a question that triage has read; `limits` None is an installation without such a model."""
    description = await log.ask(Analysis.describe_log)
    turns = [load_turn(each.turn) for each in earlier]

    def read() -> Turn:
        return Turn(reading=READER.read(question, READER.know((description,)), turns, "UTC"))

    turn = await asyncio.to_thread(read)
    told, unbacked = FakeRecorder(), list[int]()
    deps = AgentDeps(
        recorder=told,
        dispatcher_factory=ToolDispatcherFactory(catalog=TOOLS, admit=anything, remote=remote),
        session=cast(AnalysisSession, log),
        model_runner=ModelLoop(model_factory=lambda plan: FunctionModel(stream_function=model)),
        notice=None,
        stop=StopSignal(),
        answer_limits=limits,
        model_name="scripted",
        on_unbacked_figures=unbacked.append,
        question_reader=READER,
        earlier=earlier,
    )
    triage = TriageOutput(
        category="cost",
        intent="",
        goal_percent=None,
        guard=None,
        sufficiency="sufficient",
        missing={},
        route=("analyst",),
        guidance=verbatim_text(""),
        kind="answer",
        turn=dump_turn(turn),
    )
    asked = RunInput(facts=RunFacts(ask=question), outputs=MappingProxyType({"triage": triage}))
    output: AnalystOutput = await AnalystAgent(context(), deps).execute(asked)
    return WordedTurn(answer=dict(output.answer), turn=load_turn(output.turn), told=told, unbacked=unbacked)
