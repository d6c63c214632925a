"""The operators' dispatcher: known ▶ permitted now ▶ policy and quota ▶ valid ▶ consented ▶ run with a time limit ▶
capped ▶ audited.

Made for one operator's act or one agent's turn, `async with` its factory's context; afterwards every call raises.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from pydantic import JsonValue

from netra.core.context import ConnectionContext
from netra.core.databasework import DatabaseWork, SharedThread
from netra.core.emitter import Emitter
from netra.core.exceptions import InvalidContext, ScopeClosed
from netra.core.jsonable import capped, jsonable, storable
from netra.core.whole import Whole
from netra.language import saying
from netra.language.languages import language_of
from netra.language.text import Text, joined, text
from netra.operating.accounts import accounts_among
from netra.operating.admission import Leave, Wish, admit, concerned, release
from netra.operating.base import OperatorTool, Reach
from netra.operating.limited import limited
from netra.operating.told import OperatorCall
from tools.arguments import data_of, parsed
from tools.base import Tool, ToolInput
from tools.call import Ended
from tools.disclosure import Disclosure
from tools.dispatcher import ToolResult
from tools.refusals import InvalidArguments, ToolFailed, ToolRefused, ToolTimeout, UnknownTool


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminToolDispatcherFactory:
    """Makes dispatchers over a fixed catalogue. `remote`: what a model gets leaves this machine."""

    catalog: Mapping[str, OperatorTool[Any]]
    data_dir: Path
    database: DatabaseWork = field(default_factory=SharedThread)
    remote: bool = False

    def for_context(
        self, context: ConnectionContext, *, agent: str, recorder: Emitter | None = None, said: str | None = None
    ) -> "AdminToolDispatcher":
        """For the operator whose context it is, never for somebody they name.

        With a recorder, the calls are told in the operator's run; tools that give a user's words are then out of
        reach, as what is told is kept. `said`: the operator's own words, which must name what a call changes.
        """
        if not isinstance(context, ConnectionContext):
            raise InvalidContext(f"a dispatcher needs a ConnectionContext, not {type(context).__name__}")
        reached = {name: tool for name, tool in self.catalog.items() if recorder is None or not tool.words}

        async def find(words: frozenset[str]) -> frozenset[str]:
            return await self.database.run(context.user_id, accounts_among, words)

        disclosure = Disclosure(find) if self.remote else None
        return AdminToolDispatcher(
            agent, reached, context, recorder, said, self.data_dir, self.database, disclosure=disclosure
        )


@dataclass(slots=True)
class AdminToolDispatcher:
    """`results` are the successful calls so far, in order; `refusals` what was said of the others."""

    agent: str
    catalog: Mapping[str, OperatorTool[Any]]
    context: ConnectionContext
    recorder: Emitter | None
    said: str | None
    data_dir: Path
    database: DatabaseWork
    results: list[ToolResult] = field(default_factory=list)
    refusals: list[Text] = field(default_factory=list)
    disclosure: Disclosure | None = None
    _open: bool = False

    async def __aenter__(self) -> Self:
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False

    @property
    def tools(self) -> Mapping[str, Tool[Any]]:
        """As a model is offered them."""
        return {name: tool.listed for name, tool in self.catalog.items()}

    async def dispatch(self, name: str, arguments: Mapping[str, Any], call_id: str | None = None) -> ToolResult:
        """Make one call and audit it. Raises ToolRefused or ToolFailed, each fit for the operator."""
        if not self._open:
            raise ScopeClosed(f"the operators' dispatcher of {self.agent} is closed: {name} was not called")
        call = self._call(storable(name), data_of(arguments), call_id or uuid4().hex)
        await call.executing()
        try:
            result, data = await self._made(call)
        except asyncio.CancelledError:
            await call.completed(Ended(outcome="cancelled", code="cancelled", error=text("Stopped.")))
            raise
        except ToolRefused as error:
            call.rule, call.version = error.rule or call.rule, error.version or call.version
            await self._failed(call, Ended(outcome="refused", code=error.code, error=str(error)))
            raise
        except ToolFailed as error:
            timeout = isinstance(error, ToolTimeout)
            await self._failed(
                call, Ended(outcome="timeout" if timeout else "failed", code=error.code, error=str(error))
            )
            raise
        await call.completed(Ended(outcome="ok", data=data, shown=result.shown, whole=result.whole))
        self.results.append(result)
        return result

    async def _made(self, call: OperatorCall) -> tuple[ToolResult, JsonValue]:
        tool = self._known(call.tool)
        valid = parsed(tool.listed, call.arguments)
        wish = Wish(operator_id=self.context.user_id, tool=tool, valid=valid, said=self.said)
        call.concern = await self.database.run(self.context.user_id, concerned, wish)
        leave = await self.database.run(self.context.user_id, admit, wish)
        call.rule, call.version = leave.rule, leave.version
        try:
            return await self._run(tool, valid, call, leave)
        finally:
            await self.database.run(self.context.user_id, release, leave.slot)

    async def _run(
        self, tool: OperatorTool[Any], valid: ToolInput | InvalidArguments, call: OperatorCall, leave: Leave
    ) -> tuple[ToolResult, JsonValue]:
        if isinstance(valid, InvalidArguments):
            raise valid  # admission has refused it before
        reach = Reach(context=self.context, operator=leave.operator, concern=call.concern, data_dir=self.data_dir)
        value = await limited(tool, valid, reach, self.database)
        data = jsonable(value)  # as the audit has it: in English, whoever asked
        spoken = jsonable(saying.said(value, language_of(self.context.locale)))
        shown, cut = capped(spoken, tool.result_bytes)
        whole = Whole(shown, complete=False) if cut else None
        disclosed = shown
        if self.disclosure is not None:
            disclosed = await self.disclosure.of(spoken, tool.holds, tool.result_bytes)
        result = ToolResult(tool=tool.name, arguments=valid, value=value, shown=shown, whole=whole, disclosed=disclosed)
        return result, data

    async def disclosed(self, error: Text, tool: Tool[Any]) -> str:
        """What a model gets of an error."""
        return error if self.disclosure is None else await self.disclosure.words(error, tool.holds)

    async def _failed(self, call: OperatorCall, ended: Ended) -> None:
        self.refusals.append(joined(": ", (call.title, ended.error or "")))
        await call.completed(ended)

    def _call(self, name: str, arguments: JsonValue, call_id: str) -> OperatorCall:
        tool = self.catalog.get(name)
        return OperatorCall(
            context=self.context,
            recorder=self.recorder,
            agent=self.agent,
            tool=name,
            title=tool.title if tool else name,
            call_id=call_id,
            arguments=arguments,
        )

    def _known(self, name: str) -> OperatorTool[Any]:
        tool = self.catalog.get(name)
        if tool is None:
            there = ", ".join(sorted(self.catalog))
            named = repr(name[:100])
            raise UnknownTool(
                text("There is no tool {name} here. There are: {there}.", name=named, there=there), rule="reach"
            )
        return tool
