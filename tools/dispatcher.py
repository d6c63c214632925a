"""Request-scoped dispatch of calls: known ▶ admitted ▶ valid ▶ approved ▶ run with a time limit ▶ result capped ▶
reported and audited. A remote model gets what the privacy notice allows, and no more.

One dispatcher serves users and operators: a `CallAdmitter` decides, and gives each tool its context. It lives for one
agent's turn or one operator's action, `async with` its factory's context; afterwards every call raises."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from uuid import uuid4

from pydantic import JsonValue

from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.context import ConnectionContext, UserExecutionContext
from core.exceptions import InvalidContext, ScopeClosed
from core.i18n.language import match_language
from core.i18n.text import Text, join_texts, text, translate
from core.json_data import to_jsonable, to_storable, truncate_json
from tools.admission import AdmissionCheck, CallAdmission, CallAdmitter, CallSubject, UserAdmitter
from tools.audit.attempts import CallOutcome
from tools.base import RunFacts, Tool, ToolContext, ToolInput, ToolSpec
from tools.calls import AlertedBudgets, CallCompletion, CallJournal, CallRecorder, DispatchedCall, RunJournal
from tools.disclosure import Disclosure
from tools.errors import ToolFailed, ToolRefused, ToolTimeout, UnknownTool
from tools.execution import ensure_approved, explain_errors, parse_arguments, run_within_time_limit, to_json_data
from tools.results import FullResult
from workloads.analysis.session import AnalysisSession

FULL_RESULT_BYTES = 2_000_000  # of JSON, stored of one result

ToolT = TypeVar("ToolT", bound=ToolSpec[Any])
ContextT = TypeVar("ContextT")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """A call that succeeded.

    `value` is the tool's own typed value and `user_view` its JSON for the user, who sees only a preview of
    `full_result` if there is one. `model_view` is what a model gets.
    """

    tool: str
    arguments: ToolInput
    value: Any
    user_view: JsonValue
    full_result: FullResult | None = None
    model_view: JsonValue = None


@dataclass(slots=True, kw_only=True)
class CallDispatcher(Generic[ToolT, ContextT]):
    """Makes one caller's calls of `tools`. `results` are those of the successful calls so far, in order, and
    `error_messages` those of the others.

    `run_tool` raises ToolRefused or ToolFailed. `full_result_bytes` (of JSON) are stored of a result that was cut.
    `audits_english`: the audit gets the result's texts untranslated.
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
        if not self._is_open:
            raise ScopeClosed(f"the dispatcher of {self.agent} is closed: {name} was not called")
        data = to_json_data(arguments)
        call = self._build_call(to_storable(name)[:200], data, call_id or uuid4().hex)
        await self.journal.begin(call)
        subject, admission = self.admitter.caller, CallAdmission()
        try:
            tool = self._get_tool(name)
            valid = parse_arguments(tool, data)
            subject = await self.admitter.identify_subject(tool, valid)
            admitted = await self.admitter.admit(tool, valid)
            subject, admission = admitted.subject, admitted.admission
            await self.journal.warn(call, admission.alerts)
            approved = ensure_approved(valid, admission)
            if not tool.idempotent:
                await self.journal.ensure_first(call)
            result, audited_data = await self._make_call(tool, approved, admitted.tool_context)
        except asyncio.CancelledError:
            stopped = CallCompletion(outcome="cancelled", code="cancelled", error=text("Stopped."))
            await self.journal.end(call.end(stopped, admission, subject))
            raise
        except (ToolRefused, ToolFailed) as error:
            await self._end_unsuccessful(call, error, admission, subject)
            raise
        completion = CallCompletion(
            outcome="ok", data=audited_data, user_view=result.user_view, full_result=result.full_result
        )
        await self.journal.end(call.end(completion, admission, subject))
        self.results.append(result)
        return result

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

    async def _make_call(self, tool: ToolT, valid: ToolInput, tool_context: ContextT) -> tuple[ToolResult, JsonValue]:
        """Return the result, and its data for the audit."""
        value = await self.run_tool(tool, valid, tool_context)
        with explain_errors(tool):
            data = to_jsonable(translate(value, match_language(self.context.locale)))
            audited_data = to_jsonable(value) if self.audits_english else data
        user_view, truncated = truncate_json(data, tool.result_bytes)
        model_view = user_view
        if self.disclosure is not None:
            model_view = await self.disclosure.redact_result(data, tool.result_kinds, tool.result_bytes)
        result = ToolResult(
            tool=tool.name,
            arguments=valid,
            value=value,
            user_view=user_view,
            full_result=_build_full_result(data, user_view, self.full_result_bytes) if truncated else None,
            model_view=model_view,
        )
        return result, audited_data

    async def _end_unsuccessful(
        self, call: DispatchedCall, error: ToolRefused | ToolFailed, admission: CallAdmission, subject: CallSubject
    ) -> None:
        if isinstance(error, ToolRefused):
            admission = replace(
                admission, rule=error.rule or admission.rule, version=error.version or admission.version
            )
        completion = _describe_error(error)
        self.error_messages.append(join_texts(": ", (call.title, completion.error or "")))
        await self.journal.end(call.end(completion, admission, subject))


class ToolDispatcher(CallDispatcher[Tool[Any], ToolContext]):
    """Makes the calls of one agent in one turn, on its user's data."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDispatcherFactory:
    """Makes dispatchers over a fixed set of tools. `admit` decides on each call. `remote` says that what a model gets
    leaves this machine."""

    catalog: Mapping[str, Tool[Any]]
    admit: AdmissionCheck
    remote: bool = False
    database: DatabaseExecutor = field(default_factory=SharedThreadExecutor)

    def for_context(
        self,
        context: UserExecutionContext,
        *,
        agent: str,
        tools: tuple[str, ...],
        recorder: CallRecorder,
        session: AnalysisSession,
        facts: RunFacts,
        alerted_budgets: AlertedBudgets | None = None,
    ) -> ToolDispatcher:
        """Return a dispatcher of the named tools for one agent's turn. `alerted_budgets` are the run's."""
        if not isinstance(context, UserExecutionContext):
            raise InvalidContext(f"a dispatcher needs a UserExecutionContext, not {type(context).__name__}")
        tool_context = ToolContext(context=context, session=session, facts=facts)
        return ToolDispatcher(
            agent=agent,
            tools={name: self.catalog[name] for name in tools},
            context=context,
            admitter=UserAdmitter(check=self.admit, tool_context=tool_context),
            run_tool=run_within_time_limit,
            journal=RunJournal(
                context=context,
                recorder=recorder,
                alerted_budgets=alerted_budgets or AlertedBudgets(),
                database=self.database,
            ),
            full_result_bytes=FULL_RESULT_BYTES,
            audits_english=False,
            disclosure=_build_disclosure(session) if self.remote else None,
        )


def _build_disclosure(session: AnalysisSession) -> Disclosure:
    async def find(words: frozenset[str]) -> frozenset[str]:
        return await session.find_private_words(words) if session.is_open else frozenset()

    async def find_kept(words: frozenset[str]) -> frozenset[str]:
        return await session.find_kept_words(words) if session.is_open else frozenset()

    return Disclosure(find, find_kept)


def _describe_error(error: ToolRefused | ToolFailed) -> CallCompletion:
    if isinstance(error, ToolRefused):
        return CallCompletion(outcome="refused", code=error.code, error=str(error))
    outcome: CallOutcome = "timeout" if isinstance(error, ToolTimeout) else "failed"
    return CallCompletion(outcome=outcome, code=error.code, error=str(error))


def _build_full_result(data: JsonValue, preview: JsonValue, max_bytes: int) -> FullResult:
    """Return the result as it is stored: the preview if the whole is too large."""
    stored, truncated = truncate_json(data, max_bytes)
    return FullResult(preview if truncated else stored, is_complete=not truncated)
