"""What an agent is handed, and how its turn may end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from agents.aftermath import Later
from agents.guard import StepRecord
from agents.modelprice import ModelPrices
from agents.recorder import RunRecorder
from agents.thinking import Think
from netra.core.databasework import DatabaseWork, SharedThread
from netra.core.exceptions import NetraError
from netra.language.text import Text, text
from tools.dispatcher import ToolDispatcherFactory
from tools.warned import Warned
from workloads.session import AnalysisSession

Out = TypeVar("Out")


class AgentFailed(NetraError):
    """An agent ended in an agent_error, which the user has been told; `code` is that event's."""

    def __init__(self, agent: str, code: str, words: Text) -> None:
        super().__init__(words)
        self.agent = agent
        self.code = code
        self.words = words


@dataclass(slots=True)
class StopSignal:
    """Why a run's task is being cancelled, and since when; one per attempt.

    Unset: the process stops, and the run goes on elsewhere.
    """

    because: Literal["cancelled", "revoked"] | None = None
    since: datetime | None = None
    by_operator: bool = False

    @property
    def words(self) -> Text:
        """For the user whose run it is."""
        if self.because == "revoked":
            return text("Stopped: your account or its password has changed since you asked.")
        return (
            text("Stopped by an operator of this installation.")
            if self.by_operator
            else text("Stopped at your request.")
        )


def unmeasured(agent: str, what: str, times: int) -> None:
    """For processes without measures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentKit:
    """What wiring hands to the agents of one run.

    `think` is how they think, `prices` what that costs (None: nothing); `order` names the agents after triage; `steps`
    is what earlier attempts finished; `later` takes what the user need not wait for; `deprecated` measures
    that an agent has called something that it should not any more, so many times; `database` is where its queries are
    made.
    """

    recorder: RunRecorder
    dispatchers: ToolDispatcherFactory
    session: AnalysisSession
    think: Think
    notice: Text | None
    stop: StopSignal
    prices: ModelPrices | None = None
    warned: Warned = field(default_factory=Warned)
    order: tuple[str, ...] = ()
    steps: Mapping[str, StepRecord] = field(default_factory=dict)
    later: Later = field(default_factory=Later)
    deprecated: Callable[[str, str, int], None] = unmeasured
    database: DatabaseWork = field(default_factory=SharedThread)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[Out]):
    """How an agent's turn ended well. `summary` and `answer` are said in the user's language, where they are Texts."""

    output: Out
    summary: str
    messages: Any = None
    missing: tuple[str, ...] = ()
    answer: str | None = None
