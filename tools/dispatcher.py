"""Request-scoped dispatch of calls: known ▶ admitted ▶ valid ▶ approved ▶ run with a time limit ▶ result capped ▶
reported and audited. A remote model gets what the privacy notice allows, and no more.

One dispatcher serves users and operators: a `CallAdmitter` decides, and gives each tool its context. It lives for one
agent's turn or one operator's action, `async with` its factory's context; afterwards every call raises."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from uuid import uuid4

from django.db import InterfaceError, InternalError, OperationalError
from pydantic import JsonValue

from core.context import ConnectionContext
from core.exceptions import ScopeClosed
from core.i18n.language import match_language
from core.i18n.text import Text, join_texts, text
from core.json_data import to_storable
from tools.admission import AdmittedCall, CallAdmission, CallAdmitter, CallSubject
from tools.base import ToolInput, ToolSpec
from tools.calls import CallCompletion, CallJournal, DispatchedCall, describe_error
from tools.conversion import ConvertedResult, convert_result
from tools.disclosure import Disclosure
from tools.errors import InvalidArguments, OverCallQuota, ToolFailed, ToolRefused, UnknownTool
from tools.execution import ensure_approved, explain_errors, parse_arguments, to_json_data
from tools.results import ToolResult
from tools.reuse import DecidedCall, ResultReuse

ToolT = TypeVar("ToolT", bound=ToolSpec[Any])
ContextT = TypeVar("ContextT")

ToolError = ToolRefused | ToolFailed


@dataclass(slots=True, kw_only=True)
class CallDispatcher(Generic[ToolT, ContextT]):
    """Makes one caller's calls of `tools`. `results` are those of the successful calls so far, in order, and
    `error_messages` those of the others.

    `run_tool` raises ToolRefused or ToolFailed. `full_result_bytes` (of JSON) are stored of a result that was cut.
    `audits_english`: the audit gets the result's texts untranslated. `reuse` finds results of equal calls.
    """

    agent: str
    tools: Mapping[str, ToolT]
    context: ConnectionContext
    admitter: CallAdmitter[ToolT, ContextT]
    run_tool: Callable[[ToolT, ToolInput, ContextT], Awaitable[Any]]
    journal: CallJournal
    full_result_bytes: int
    audits_english: bool
    disclosure: Disclosure | None = None
    reuse: ResultReuse | None = None
    results: list[ToolResult] = field(default_factory=list)
    error_messages: list[Text] = field(default_factory=list)
    _is_open: bool = False

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False

    async def dispatch(self, name: str, arguments: Mapping[str, Any], call_id: str | None = None) -> ToolResult:
        """Make one call, report and audit it. Raises ToolRefused or ToolFailed, with a message for the caller."""
        call = self._request_call(name, arguments, call_id)
        await self.journal.begin(call)
        subject, admission = self.admitter.caller, CallAdmission()
        try:
            tool = self._get_tool(name)
            valid = parse_arguments(tool, call.arguments)
            subject = await self.admitter.identify_subject(tool, valid)
            admitted = await self._admit(tool, valid)
            subject, admission = admitted.subject, admitted.admission
            await self.journal.warn(call, admission.alerts)
            approved = ensure_approved(valid, admission)
            if not tool.idempotent:
                await self.journal.ensure_first(call)
            converted = await self._make_call(tool, approved, admitted.tool_context)
            result = await self._build_result(call, tool, approved, converted)
        except (asyncio.CancelledError, OperationalError, InterfaceError, InternalError):
            await self._end_cancelled(call, admission, subject)
            raise
        except (ToolRefused, ToolFailed) as error:
            await self._end_unsuccessful(call, error, admission, subject)
            raise
        await self._end_successful(call, converted, admission, subject)
        self.results.append(result)
        return result

    async def dispatch_all(self, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> list[ToolResult | ToolError]:
        """Make calls in order, and return the result or error of each.

        The first of them whose results are kept are decided on at once, as no time passes between them.
        """
        ended = await self._dispatch_kept(calls)
        for name, arguments in calls[len(ended) :]:
            try:
                ended.append(await self.dispatch(name, arguments))
            except (ToolRefused, ToolFailed) as error:
                ended.append(error)
        return ended

    async def _dispatch_kept(self, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> list[ToolResult | ToolError]:
        """Make the first calls whose results are kept."""
        if self.reuse is None or len(calls) < 2:
            return []
        requested = [self._request_call(name, arguments) for name, arguments in calls]
        return [await self._end_kept(each) for each in await self.reuse.decide(requested)]

    async def _end_kept(self, decided: DecidedCall) -> ToolResult | ToolError:
        """Report and audit a call that was decided on, and whose result is kept."""
        call, subject, decision = decided.call, self.admitter.caller, decided.decision
        admission = CallAdmission() if isinstance(decision, ToolRefused) else decision
        await self.journal.begin(call)
        try:
            await self.journal.warn(call, admission.alerts)
        except asyncio.CancelledError:
            await self._end_cancelled(call, admission, subject)
            raise
        if isinstance(decision, ToolRefused):
            await self._end_unsuccessful(call, decision, admission, subject)
            return decision
        await self._end_successful(call, decided.converted, admission, subject)
        result = await self._build_result(call, decided.tool, decided.valid, decided.converted)
        self.results.append(result)
        return result

    def _request_call(self, name: str, arguments: Mapping[str, Any], call_id: str | None = None) -> DispatchedCall:
        if not self._is_open:
            raise ScopeClosed(f"the dispatcher of {self.agent} is closed: {name} was not called")
        return self._build_call(to_storable(name)[:200], to_json_data(arguments), call_id or uuid4().hex)

    def find_result(self, name: str, arguments: Mapping[str, Any]) -> ToolResult | None:
        """Return the last result of a call with these arguments, if one was made."""
        made = [each for each in reversed(self.results) if each.tool == name]
        asked = to_json_data(arguments)
        found = next((each for each in made if each.requested == asked), None)
        if found is not None or not made:
            return found
        valid = parse_arguments(self.tools[name], asked)  # with its defaults
        return next((each for each in made if each.arguments == valid), None)

    async def disclose_error(self, error: Text, tool: ToolSpec[Any]) -> str:
        """Return what a model gets of an error."""
        return error if self.disclosure is None else await self.disclosure.redact_error(error, tool.result_kinds)

    async def disclose_text(self, words: str) -> str:
        """Return what a model gets of a text of ours about the log, such as an earlier answer."""
        return words if self.disclosure is None else await self.disclosure.redact_text(words)

    def _build_call(self, name: str, arguments: JsonValue, call_id: str) -> DispatchedCall:
        tool = self.tools.get(name)
        return DispatchedCall(
            agent=self.agent,
            tool=name,
            title=tool.title if tool else name,
            cost=tool.cost if tool else Decimal(0),
            call_id=call_id,
            arguments=arguments,
        )

    def _get_tool(self, name: str) -> ToolT:
        tool = self.tools.get(name)
        if tool is None:
            available, quoted = ", ".join(sorted(self.tools)), repr(to_storable(name)[:100])
            raise UnknownTool(
                text("Tool {name} not found. Available tools: {available}.", name=quoted, available=available),
                rule="reach",
            )
        return tool

    async def _admit(self, tool: ToolT, valid: ToolInput | InvalidArguments) -> AdmittedCall[ContextT]:
        """Admit a call. The slot of an earlier call is released when its end is stored, a moment after it."""
        try:
            return await self.admitter.admit(tool, valid)
        except OverCallQuota:
            await self.journal.flush()
            return await self.admitter.admit(tool, valid)

    async def _make_call(self, tool: ToolT, valid: ToolInput, tool_context: ContextT) -> ConvertedResult:
        """Return the tool's result, converted, perhaps one that is kept of an equal call."""
        make = partial(self._run_tool, tool, valid, tool_context)
        return await make() if self.reuse is None else await self.reuse.find_or_make(tool, valid, make)

    async def _run_tool(self, tool: ToolT, valid: ToolInput, tool_context: ContextT) -> ConvertedResult:
        value = await self.run_tool(tool, valid, tool_context)
        with explain_errors(tool):
            return convert_result(
                value,
                tool,
                match_language(self.context.locale),
                full_result_bytes=self.full_result_bytes,
                audits_english=self.audits_english,
            )

    async def _build_result(
        self, call: DispatchedCall, tool: ToolSpec[Any], valid: ToolInput, converted: ConvertedResult
    ) -> ToolResult:
        model_view = converted.user_view
        if self.disclosure is not None:
            model_view = await self.disclosure.redact_result(converted.data, tool.result_kinds, tool.result_bytes)
        return ToolResult(
            tool=tool.name,
            requested=call.arguments,
            arguments=valid,
            value=converted.value,
            user_view=converted.user_view,
            full_result=converted.full_result,
            model_view=model_view,
        )

    async def _end_successful(
        self, call: DispatchedCall, converted: ConvertedResult, admission: CallAdmission, subject: CallSubject
    ) -> None:
        completion = CallCompletion(
            outcome="ok",
            audited=converted.audited,
            user_view=converted.user_view,
            full_result=converted.full_result,
            prepared=converted.prepared,
        )
        await self.journal.end(call.end(completion, admission, subject))

    async def _end_cancelled(self, call: DispatchedCall, admission: CallAdmission, subject: CallSubject) -> None:
        stopped = CallCompletion(outcome="cancelled", code="cancelled", error=text("Stopped."))
        await self.journal.end(call.end(stopped, admission, subject))

    async def _end_unsuccessful(
        self, call: DispatchedCall, error: ToolRefused | ToolFailed, admission: CallAdmission, subject: CallSubject
    ) -> None:
        if isinstance(error, ToolRefused):
            admission = replace(
                admission, rule=error.rule or admission.rule, version=error.version or admission.version
            )
        completion = describe_error(error)
        self.error_messages.append(join_texts(": ", (call.title, completion.error or "")))
        await self.journal.end(call.end(completion, admission, subject))
