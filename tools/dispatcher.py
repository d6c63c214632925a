"""Request-scoped dispatch: known ▶ valid ▶ run with a time limit ▶ result capped ▶ told.

A dispatcher lives for one agent's turn, `async with` its factory's context; afterwards every call raises.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from pydantic import JsonValue, ValidationError

from netra.core.context import UserExecutionContext
from netra.core.emitter import Emitter
from netra.core.events import who
from netra.core.exceptions import InvalidContext, OperatorError, ScopeClosed, UserError
from netra.core.jsonable import capped, jsonable, storable
from netra.core.whole import Whole
from tools.base import RunFacts, Tool, ToolContext, ToolInput
from tools.call import Call
from tools.refusals import InvalidArguments, ToolFailed, ToolRefused, ToolTimeout, UnknownTool
from workloads.session import AnalysisSession

log = logging.getLogger(__name__)

WHOLE_BYTES = 2_000_000  # of JSON, that are kept of one result


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """A call that succeeded. `value` is the tool's own typed value, `shown` its JSON as models and users get it, and
    `whole` what that is a preview of, if it is one."""

    tool: str
    arguments: ToolInput
    value: Any
    shown: JsonValue
    whole: Whole | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDispatcherFactory:
    """Makes dispatchers over a fixed catalogue."""

    catalog: Mapping[str, Tool[Any]]

    def for_context(
        self,
        context: UserExecutionContext,
        *,
        agent: str,
        tools: tuple[str, ...],
        emitter: Emitter,
        session: AnalysisSession,
        facts: RunFacts,
    ) -> "ToolDispatcher":
        """A dispatcher for one agent's turn, reaching only the named tools."""
        if not isinstance(context, UserExecutionContext):
            raise InvalidContext(f"a dispatcher needs a UserExecutionContext, not {type(context).__name__}")
        reach = ToolContext(context=context, session=session, facts=facts)
        return ToolDispatcher(agent, {name: self.catalog[name] for name in tools}, emitter, reach)


@dataclass(slots=True)
class ToolDispatcher:
    """One agent's hands for one turn. `results` are the successful calls so far, in order."""

    agent: str
    tools: Mapping[str, Tool[Any]]
    emitter: Emitter
    reach: ToolContext
    results: list[ToolResult] = field(default_factory=list)
    _open: bool = False

    async def __aenter__(self) -> Self:
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False

    async def dispatch(self, name: str, arguments: Mapping[str, Any], call_id: str | None = None) -> ToolResult:
        """Make one call and tell the user of it. Raises ToolRefused or ToolFailed, each fit for the user."""
        if not self._open:
            raise ScopeClosed(f"the dispatcher of {self.agent} is closed: {name} was not called")
        call = self._call(storable(name), call_id or uuid4().hex)
        await call.executing(arguments)
        try:
            result = await self._run(name, arguments)
        except asyncio.CancelledError:
            await call.completed("cancelled", error="Stopped.")
            raise
        except ToolTimeout as error:
            await call.completed("timeout", error=str(error))
            raise
        except (ToolRefused, ToolFailed) as error:
            await call.completed("refused" if isinstance(error, ToolRefused) else "failed", error=str(error))
            raise
        self.results.append(result)
        await call.completed("ok", result=result.shown, whole=result.whole)
        return result

    def _call(self, name: str, call_id: str) -> Call:
        tool = self.tools.get(name)
        whose = who(self.reach.context, self.agent)
        return Call(self.emitter, whose, name, tool.title if tool else name, call_id)

    async def _run(self, name: str, arguments: Mapping[str, Any]) -> ToolResult:
        tool = self.tools.get(name)
        if tool is None:
            raise UnknownTool(f"There is no tool {storable(name)!r} here. There are: {', '.join(sorted(self.tools))}.")
        valid = _validated(tool, arguments)
        value, data = await self._limited(tool, valid)
        shown, truncated = capped(data, tool.result_bytes)
        whole = _whole(data, shown) if truncated else None
        return ToolResult(tool=name, arguments=valid, value=value, shown=shown, whole=whole)

    async def _limited(self, tool: Tool[Any], valid: ToolInput) -> tuple[Any, JsonValue]:
        clock = asyncio.timeout(tool.seconds)
        try:
            async with clock:
                return await self._explained(tool, valid)
        except TimeoutError as error:
            raise ToolTimeout(f"{tool.title} took longer than {tool.seconds:g} s and was stopped.") from error

    async def _explained(self, tool: Tool[Any], valid: ToolInput) -> tuple[Any, JsonValue]:
        try:
            value = await tool.run(valid, self.reach)
            return value, jsonable(value)
        except (UserError, OperatorError) as error:
            raise ToolFailed(str(error)) from error
        except Exception as error:
            # The user learns that it failed and under which number; the details are for whoever reads the log.
            reference = uuid4().hex[:8]
            log.exception("tool %s failed (reference %s)", tool.name, reference)
            raise ToolFailed(f"{tool.title} failed inside Netra (reference {reference}).") from error


def _whole(data: JsonValue, shown: JsonValue) -> Whole:
    """Of what is too much even to be kept, the preview is."""
    kept, cut = capped(data, WHOLE_BYTES)
    return Whole(shown if cut else kept, complete=not cut)


def _validated(tool: Tool[Any], arguments: Mapping[str, Any]) -> ToolInput:
    try:
        valid: ToolInput = tool.input.model_validate(dict(arguments))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()[:5])
        raise InvalidArguments(f"The arguments of {tool.name} do not fit: {wrong}.") from error
    return valid
