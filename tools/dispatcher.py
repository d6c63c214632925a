"""Request-scoped dispatch of calls: known ▶ permitted ▶ within budget and quota ▶ valid ▶ approved ▶ run with a time
limit ▶ result capped ▶ reported and audited. A remote model gets what the privacy notice allows, and no more.

A dispatcher lives for one agent's turn, `async with` its factory's context; afterwards every call raises."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from pydantic import JsonValue

from core.context import UserExecutionContext
from core.exceptions import InvalidContext, OperatorError, ScopeClosed, UserError
from core.i18n.language import match_language
from core.i18n.text import Text, text, translate, verbatim_text
from core.json_data import to_jsonable, to_storable, truncate_json
from tools.admission import AdmissionCheck, CallAdmission, CallRequest
from tools.arguments import ensure_approved, parse_arguments, to_json_data
from tools.audit.attempts import CallOutcome
from tools.base import RunFacts, Tool, ToolContext, ToolInput
from tools.calls import AlertedBudgets, CallCompletion, CallRecorder, DispatchedCall, to_budget_warning
from tools.disclosure import Disclosure, FindPrivateWords
from tools.errors import InvalidArguments, ToolFailed, ToolRefused, ToolTimeout, UnknownTool
from tools.results import FullResult
from workloads.analysis.session import AnalysisSession

log = logging.getLogger(__name__)

FULL_RESULT_BYTES = 2_000_000  # of JSON, stored of one result


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDispatcherFactory:
    """Makes dispatchers over a fixed set of tools. `admit` decides on each call. `remote` says that what a model gets
    leaves this machine."""

    catalog: Mapping[str, Tool[Any]]
    admit: AdmissionCheck
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
        alerted_budgets: AlertedBudgets | None = None,
    ) -> "ToolDispatcher":
        """Return a dispatcher of the named tools for one agent's turn. `alerted_budgets` are the run's."""
        if not isinstance(context, UserExecutionContext):
            raise InvalidContext(f"a dispatcher needs a UserExecutionContext, not {type(context).__name__}")
        return ToolDispatcher(
            agent,
            {name: self.catalog[name] for name in tools},
            recorder,
            self.admit,
            ToolContext(context=context, session=session, facts=facts),
            alerted_budgets or AlertedBudgets(),
            disclosure=Disclosure(_build_private_word_finder(session)) if self.remote else None,
        )


@dataclass(slots=True)
class ToolDispatcher:
    """Makes the calls of one agent in one turn. `results` are the successful calls so far, in order."""

    agent: str
    tools: Mapping[str, Tool[Any]]
    recorder: CallRecorder
    admit: AdmissionCheck
    tool_context: ToolContext
    alerted_budgets: AlertedBudgets = field(default_factory=AlertedBudgets)
    results: list[ToolResult] = field(default_factory=list)
    disclosure: Disclosure | None = None
    _is_open: bool = False

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False

    async def dispatch(self, name: str, arguments: Mapping[str, Any], call_id: str | None = None) -> ToolResult:
        """Make one call, report and audit it. Raises ToolRefused or ToolFailed, with a message for the user."""
        if not self._is_open:
            raise ScopeClosed(f"the dispatcher of {self.agent} is closed: {name} was not called")
        data = to_json_data(arguments)
        call = self._build_call(to_storable(name)[:200], data, call_id or uuid4().hex)
        await call.begin()
        admission = CallAdmission()
        try:
            tool = self._get_tool(name)
            valid = parse_arguments(tool, data)
            admission = await self._admit_call(tool, valid)
            result, result_data = await self._make_call(tool, ensure_approved(valid, admission))
        except asyncio.CancelledError:
            await call.end(CallCompletion(outcome="cancelled", code="cancelled", error=text("Stopped.")), admission)
            raise
        except ToolRefused as error:
            decided = replace(admission, rule=error.rule or admission.rule, version=error.version or admission.version)
            await call.end(CallCompletion(outcome="refused", code=error.code, error=str(error)), decided)
            raise
        except ToolFailed as error:
            outcome: CallOutcome = "timeout" if isinstance(error, ToolTimeout) else "failed"
            await call.end(CallCompletion(outcome=outcome, code=error.code, error=str(error)), admission)
            raise
        self.results.append(result)
        await call.end(
            CallCompletion(outcome="ok", data=result_data, user_view=result.user_view, full_result=result.full_result),
            admission,
        )
        return result

    async def disclose_error(self, error: Text, tool: Tool[Any]) -> str:
        """Return what a model gets of an error."""
        return error if self.disclosure is None else await self.disclosure.redact_error(error, tool.result_kinds)

    def _build_call(self, name: str, arguments: JsonValue, call_id: str) -> DispatchedCall:
        tool = self.tools.get(name)
        return DispatchedCall(
            recorder=self.recorder,
            context=self.tool_context.context,
            agent=self.agent,
            tool=name,
            title=tool.title if tool else name,
            cost=tool.cost if tool else Decimal(0),
            call_id=call_id,
            arguments=arguments,
        )

    def _get_tool(self, name: str) -> Tool[Any]:
        tool = self.tools.get(name)
        if tool is None:
            there = ", ".join(sorted(self.tools))
            named = repr(to_storable(name)[:100])
            raise UnknownTool(
                text("There is no tool {name} here. There are: {there}.", name=named, there=there), rule="reach"
            )
        return tool

    async def _admit_call(self, tool: Tool[Any], valid: ToolInput | InvalidArguments) -> CallAdmission:
        arguments = valid.model_dump(mode="json") if isinstance(valid, ToolInput) else None
        admission = await self.admit(CallRequest(context=self.tool_context.context, tool=tool, arguments=arguments))
        for alert in self.alerted_budgets.add_new(admission.alerts):
            await self.recorder.emit(to_budget_warning(alert, self.tool_context.context, self.agent))
        return admission

    async def _make_call(self, tool: Tool[Any], valid: ToolInput) -> tuple[ToolResult, JsonValue]:
        value, data = await self._run_within_time_limit(tool, valid)
        user_view, truncated = truncate_json(data, tool.result_bytes)
        model_view = user_view
        if self.disclosure is not None:
            model_view = await self.disclosure.redact_result(data, tool.result_kinds, tool.result_bytes)
        result = ToolResult(
            tool=tool.name,
            arguments=valid,
            value=value,
            user_view=user_view,
            full_result=_build_full_result(data, user_view) if truncated else None,
            model_view=model_view,
        )
        return result, data

    async def _run_within_time_limit(self, tool: Tool[Any], valid: ToolInput) -> tuple[Any, JsonValue]:
        try:
            async with asyncio.timeout(tool.seconds):
                return await self._run_translating_errors(tool, valid)
        except TimeoutError as error:
            words = text(
                "{tool} took longer than {seconds:g} s and was stopped.", tool=tool.title, seconds=tool.seconds
            )
            raise ToolTimeout(words) from error

    async def _run_translating_errors(self, tool: Tool[Any], valid: ToolInput) -> tuple[Any, JsonValue]:
        try:
            value = await tool.run(valid, self.tool_context)
            return value, to_jsonable(translate(value, match_language(self.tool_context.context.locale)))
        except (UserError, OperatorError) as error:
            raise ToolFailed(verbatim_text(str(error))) from error
        except Exception as error:
            # The user gets a number, under which the operators find the details in the server's log.
            reference = uuid4().hex[:8]
            log.exception("tool %s failed (reference %s)", tool.name, reference)
            words = text("{what} failed inside Netra (reference {reference}).", what=tool.title, reference=reference)
            raise ToolFailed(words) from error


def _build_private_word_finder(session: AnalysisSession) -> FindPrivateWords:
    async def find(words: frozenset[str]) -> frozenset[str]:
        return (
            await session.ask(lambda analysis: analysis.find_private_words(words)) if session.is_open else frozenset()
        )

    return find


def _build_full_result(data: JsonValue, preview: JsonValue) -> FullResult:
    """Return the result as it is stored: the preview if the whole is too large."""
    stored, truncated = truncate_json(data, FULL_RESULT_BYTES)
    return FullResult(preview if truncated else stored, is_complete=not truncated)
