"""The definition of a tool: a typed, described and limited action of an agent on one user's data."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from core.context import UserExecutionContext
from core.i18n.text import Text

if TYPE_CHECKING:  # a quarter of a second, and models need this module
    from workloads.analysis.analysis import Analysis
    from workloads.analysis.session import AnalysisSession


class DataKind(StrEnum):
    """A kind of data that a tool's result may contain."""

    FIGURES = "totals and distributions"
    SENTENCES = "sentences of Netra's own"
    FILE_NAME = "file name"
    COLUMN_NAMES = "column names"
    MODEL_NAMES = "models"
    FEATURE_NAMES = "features"
    PLACE_NAMES = "providers, service tiers, regions and environments"
    ERROR_TEXTS = "error texts"
    ROWS = "rows"
    PROMPTS = "prompts"
    HASHES = "hashes"
    REQUEST_IDS = "request ids"
    SESSION_IDS = "session ids"
    USER_NAMES = "users' names"  # of the log's users, and of this installation's


DISCLOSED_KINDS = frozenset(
    (
        *(DataKind.FIGURES, DataKind.SENTENCES, DataKind.FILE_NAME, DataKind.COLUMN_NAMES),
        *(DataKind.MODEL_NAMES, DataKind.FEATURE_NAMES, DataKind.PLACE_NAMES, DataKind.ERROR_TEXTS),
    )
)
WITHHELD_KINDS = frozenset(DataKind) - DISCLOSED_KINDS
"""Kinds that are not sent, as the privacy notice says: no result that may contain one reaches a remote model."""

QUERY_KINDS = DISCLOSED_KINDS - {DataKind.FILE_NAME}
"""What the result of a typed query may hold: it repeats the values of the query's filters, and an error names the log's
columns. Names of users and the like, and values of columns of the user's own, are marked in it (tools.disclosure)."""


class Category(StrEnum):
    BASIC = "basic"
    ANALYTICS = "analytics"
    DATA = "data management"
    ADVANCED = "advanced optimisation"
    SYSTEM = "system"


class SideEffects(StrEnum):
    NONE = "none"
    OWN_DATA = "own data"
    OUTSIDE = "outside"


class PolicyEffect(StrEnum):
    """What a policy decides about a call. ASK refuses it until Netra supports approvals."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


class Reuse(StrEnum):
    """What a result depends on, besides the code, the arguments, the language and the state of the run's own log. An
    equal call of a later run may then get the same result."""

    NEVER = "never"
    LOG = "log"  # on nothing else
    FACTS = "facts"  # on the facts of the run, but not on the user's words
    QUESTION = "question"  # on all facts of the run


class ToolInput(BaseModel):
    """Base of every tool's arguments. They never say whose data the tool works on. Validators are built when they are
    first needed: a process that answers one question needs one or two of them."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @property
    def is_about_other_log(self) -> bool:
        """Whether the call is about another log than that of the run."""
        return False


class LogInput(ToolInput):
    """The input of tools that can be asked about any of the user's logs."""

    log: UUID | None = Field(default=None, description="Another log of the user's, instead of the conversation's.")

    @property
    def is_about_other_log(self) -> bool:
        return self.log is not None


class NoInput(ToolInput):
    """The input of a tool without arguments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """Facts that our own code has established in this run so far. A model cannot change them.

    `goal_percent` is the requested saving in per cent of spend, `guard` what must not get worse (p50, p95 or p99 of
    latency). `missing` names the parts of the run that failed, and `because` has the reason for each.
    """

    ask: str
    goal_percent: float | None = None
    guard: str | None = None
    levers: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    because: Mapping[str, Text] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """All that a tool may use: whose call it is, the analysis of their log, and the facts of the run."""

    context: UserExecutionContext
    session: "AnalysisSession"
    facts: RunFacts


In = TypeVar("In", bound=ToolInput)


@dataclass(frozen=True, kw_only=True)  # without slots: the schema is kept once it is built
class ToolSpec(Generic[In]):
    """What policies, limits and models know about a tool, of users or of operators.

    `description` is for models, `title` for people. `seconds` and `result_bytes` (of JSON) are limits per call.

    `default` applies where no policy does. `reuse` says whether an equal call of a later run may get the same result;
    it is decided and recorded like any other. `cost` is the price of each call in US dollars. `schema` is the input's
    JSON schema, built once, for the first model that is offered the tool. `result_kinds` are the kinds of data that a
    result may contain: a result that may contain a withheld kind reaches no remote model.
    """

    name: str
    title: Text
    description: str
    input: type[In]
    category: Category
    side_effects: SideEffects
    idempotent: bool
    result_kinds: frozenset[DataKind]
    seconds: float = 60
    result_bytes: int = 16_000
    default: PolicyEffect = PolicyEffect.ALLOW
    reuse: Reuse = Reuse.NEVER
    cost: Decimal = Decimal(0)

    @cached_property
    def schema(self) -> dict[str, Any]:
        return self.input.model_json_schema()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool(ToolSpec[In]):
    """A tool for users. It works on the data of the user whose context it gets.

    `question` returns what `run` asks the run's log, where that is all it does. The answers to several calls that are
    kept with the log are then read at once (tools.reuse).
    """

    run: Callable[[In, ToolContext], Awaitable[Any]]
    question: "Callable[[In, RunFacts], Callable[[Analysis], Any]] | None" = None
