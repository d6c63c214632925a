"""Request-scoped dispatch: known ▶ permitted ▶ within budget and quota ▶ valid ▶ approved ▶ run with a time limit ▶
result capped ▶ told and audited. A remote model gets of it what the notice says.

A dispatcher lives for one agent's turn, `async with` its factory's context; afterwards every call raises.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from pydantic import JsonValue

from netra.core.context import UserExecutionContext
from netra.core.exceptions import InvalidContext, OperatorError, ScopeClosed, UserError
from netra.core.jsonable import capped, jsonable, storable
from netra.core.whole import Whole
from netra.language.languages import language_of
from netra.language.saying import said
from netra.language.text import Text, quoted, text
from tools.admission import Admit, Admitted, Request
from tools.arguments import approved, data_of, parsed
from tools.audit.attempt import Outcome
from tools.base import RunFacts, Tool, ToolContext, ToolInput
from tools.call import Call, Ended
from tools.disclosure import Disclosure, Find
from tools.recorder import CallRecorder
from tools.refusals import InvalidArguments, ToolFailed, ToolRefused, ToolTimeout, UnknownTool
from tools.warned import Warned, told
from workloads.session import AnalysisSession

log = logging.getLogger(__name__)

WHOLE_BYTES = 2_000_000  # of JSON, that are kept of one result


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """A call that succeeded. `value` is the tool's own typed value, `shown` its JSON as users get it, `whole` what that
    is a preview of, if it is one, and `disclosed` what a model gets."""

    tool: str
    arguments: ToolInput
    value: Any
    shown: JsonValue
    whole: Whole | None = None
    disclosed: JsonValue = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDispatcherFactory:
    """Makes dispatchers over a fixed catalogue; `admit` is asked before each call. `remote`: what a model gets leaves
    this machine."""

    catalog: Mapping[str, Tool[Any]]
    admit: Admit
    remote: bool = False

    def for_context(
        self,
        context: UserExecutionContext,
        *,
        agent: str,
        tools: tuple[str, ...],
        recorder: CallRecorder,
        session: AnalysisSession,
        facts: RunFacts,
        warned: Warned | None = None,
    ) -> "ToolDispatcher":
        """A dispatcher for one agent's turn, reaching only the named tools. `warned` is the run's."""
        if not isinstance(context, UserExecutionContext):
            raise InvalidContext(f"a dispatcher needs a UserExecutionContext, not {type(context).__name__}")
        reach = ToolContext(context=context, session=session, facts=facts)
        return ToolDispatcher(
            agent,
            {name: self.catalog[name] for name in tools},
            recorder,
            self.admit,
            reach,
            warned or Warned(),
            disclosure=Disclosure(_private_in(session)) if self.remote else None,
        )


@dataclass(slots=True)
class ToolDispatcher:
    """One agent's hands for one turn. `results` are the successful calls so far, in order."""

    agent: str
    tools: Mapping[str, Tool[Any]]
    recorder: CallRecorder
    admit: Admit
    reach: ToolContext
    warned: Warned = field(default_factory=Warned)
    results: list[ToolResult] = field(default_factory=list)
    disclosure: Disclosure | None = None
    _open: bool = False

    async def __aenter__(self) -> Self:
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False

    async def dispatch(self, name: str, arguments: Mapping[str, Any], call_id: str | None = None) -> ToolResult:
        """Make one call, tell the user of it and audit it. Raises ToolRefused or ToolFailed, each fit for the user."""
        if not self._open:
            raise ScopeClosed(f"the dispatcher of {self.agent} is closed: {name} was not called")
        asked = data_of(arguments)
        call = self._call(storable(name)[:200], asked, call_id or uuid4().hex)
        await call.executing()
        admitted = Admitted()
        try:
            tool = self._known(name)
            valid = parsed(tool, asked)
            admitted = await self._admitted(tool, valid)
            result, data = await self._made(tool, approved(valid, admitted))
        except asyncio.CancelledError:
            await call.completed(Ended(outcome="cancelled", code="cancelled", error=text("Stopped.")), admitted)
            raise
        except ToolRefused as error:
            decided = replace(admitted, rule=error.rule or admitted.rule, version=error.version or admitted.version)
            await call.completed(Ended(outcome="refused", code=error.code, error=str(error)), decided)
            raise
        except ToolFailed as error:
            outcome: Outcome = "timeout" if isinstance(error, ToolTimeout) else "failed"
            await call.completed(Ended(outcome=outcome, code=error.code, error=str(error)), admitted)
            raise
        self.results.append(result)
        await call.completed(Ended(outcome="ok", data=data, shown=result.shown, whole=result.whole), admitted)
        return result

    async def disclosed(self, error: Text, tool: Tool[Any]) -> str:
        """What a model gets of an error."""
        return error if self.disclosure is None else await self.disclosure.words(error, tool.holds)

    def _call(self, name: str, arguments: JsonValue, call_id: str) -> Call:
        tool = self.tools.get(name)
        return Call(
            recorder=self.recorder,
            context=self.reach.context,
            agent=self.agent,
            tool=name,
            title=tool.title if tool else name,
            cost=tool.cost if tool else Decimal(0),
            call_id=call_id,
            arguments=arguments,
        )

    def _known(self, name: str) -> Tool[Any]:
        tool = self.tools.get(name)
        if tool is None:
            there = ", ".join(sorted(self.tools))
            named = repr(storable(name)[:100])
            raise UnknownTool(
                text("There is no tool {name} here. There are: {there}.", name=named, there=there), rule="reach"
            )
        return tool

    async def _admitted(self, tool: Tool[Any], valid: ToolInput | InvalidArguments) -> Admitted:
        arguments = valid.model_dump(mode="json") if isinstance(valid, ToolInput) else None
        admitted = await self.admit(Request(context=self.reach.context, tool=tool, arguments=arguments))
        for each in self.warned.new(admitted.warnings):
            await self.recorder.emit(told(each, self.reach.context, self.agent))
        return admitted

    async def _made(self, tool: Tool[Any], valid: ToolInput) -> tuple[ToolResult, JsonValue]:
        value, data = await self._limited(tool, valid)
        shown, truncated = capped(data, tool.result_bytes)
        whole = _whole(data, shown) if truncated else None
        disclosed = shown
        if self.disclosure is not None:
            disclosed = await self.disclosure.of(data, tool.holds, tool.result_bytes)
        result = ToolResult(tool=tool.name, arguments=valid, value=value, shown=shown, whole=whole, disclosed=disclosed)
        return result, data

    async def _limited(self, tool: Tool[Any], valid: ToolInput) -> tuple[Any, JsonValue]:
        clock = asyncio.timeout(tool.seconds)
        try:
            async with clock:
                return await self._explained(tool, valid)
        except TimeoutError as error:
            words = text(
                "{tool} took longer than {seconds:g} s and was stopped.", tool=tool.title, seconds=tool.seconds
            )
            raise ToolTimeout(words) from error

    async def _explained(self, tool: Tool[Any], valid: ToolInput) -> tuple[Any, JsonValue]:
        try:
            value = await tool.run(valid, self.reach)
            return value, jsonable(said(value, language_of(self.reach.context.locale)))
        except (UserError, OperatorError) as error:
            raise ToolFailed(quoted(str(error))) from error
        except Exception as error:
            # The user learns that it failed and under which number; the details are for whoever reads the log.
            reference = uuid4().hex[:8]
            log.exception("tool %s failed (reference %s)", tool.name, reference)
            words = text("{what} failed inside Netra (reference {reference}).", what=tool.title, reference=reference)
            raise ToolFailed(words) from error


def _private_in(session: AnalysisSession) -> Find:
    async def find(words: frozenset[str]) -> frozenset[str]:
        return await session.ask(lambda analysis: analysis.private_among(words)) if session.is_open else frozenset()

    return find


def _whole(data: JsonValue, shown: JsonValue) -> Whole:
    """Of what is too much even to be kept, the preview is."""
    kept, cut = capped(data, WHOLE_BYTES)
    return Whole(shown if cut else kept, complete=not cut)
