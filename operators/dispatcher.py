"""The operators' dispatcher: known ▶ admitted ▶ run in a thread with a time limit ▶ result capped ▶ audited.

Made for one operator's action or one agent's turn, with `async with`; afterwards every call raises."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from pydantic import JsonValue

from core.context import ConnectionContext
from core.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.events import Emitter
from core.exceptions import InvalidContext, OperatorError, ScopeClosed, UserError
from core.i18n import text as i18n_text
from core.i18n.language import match_language
from core.i18n.text import Text, join_texts, text, verbatim_text
from core.json_data import to_jsonable, to_storable, truncate_json
from operators.admission import OperatorAdmission, OperatorRequest, admit_operator_call, release_slot, resolve_target
from operators.base import OperatorTool, OperatorToolContext
from operators.calls import OperatorCall
from operators.disclosure import find_account_words
from tools.arguments import parse_arguments, to_json_data
from tools.base import Tool, ToolInput
from tools.calls import CallCompletion
from tools.disclosure import Disclosure
from tools.dispatcher import ToolResult
from tools.errors import InvalidArguments, ToolFailed, ToolRefused, ToolTimeout, UnknownTool
from tools.results import FullResult

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminToolDispatcherFactory:
    """Makes dispatchers for a fixed set of tools. `remote`: the language model is not on this machine."""

    catalog: Mapping[str, OperatorTool[Any]]
    data_dir: Path
    database: DatabaseExecutor = field(default_factory=SharedThreadExecutor)
    remote: bool = False

    def for_context(
        self,
        context: ConnectionContext,
        *,
        agent: str,
        recorder: Emitter | None = None,
        operator_words: str | None = None,
    ) -> "AdminToolDispatcher":
        """Make a dispatcher for the operator whose context it is.

        With a recorder, calls are published in the operator's run. Tools with a user's own texts are then left out,
        because what is published is stored. `operator_words` must name what a call changes.
        """
        if not isinstance(context, ConnectionContext):
            raise InvalidContext(f"a dispatcher needs a ConnectionContext, not {type(context).__name__}")
        reachable = {name: tool for name, tool in self.catalog.items() if recorder is None or not tool.requires_consent}

        async def find_private(words: frozenset[str]) -> frozenset[str]:
            return await self.database.run(context.user_id, find_account_words, words)

        disclosure = Disclosure(find_private) if self.remote else None
        return AdminToolDispatcher(
            agent, reachable, context, recorder, operator_words, self.data_dir, self.database, disclosure=disclosure
        )


@dataclass(slots=True)
class AdminToolDispatcher:
    """`results` are those of the successful calls so far, in order; `error_messages` those of the others."""

    agent: str
    catalog: Mapping[str, OperatorTool[Any]]
    context: ConnectionContext
    recorder: Emitter | None
    operator_words: str | None
    data_dir: Path
    database: DatabaseExecutor
    results: list[ToolResult] = field(default_factory=list)
    error_messages: list[Text] = field(default_factory=list)
    disclosure: Disclosure | None = None
    _is_open: bool = False

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False

    @property
    def tools(self) -> Mapping[str, Tool[Any]]:
        """Return the tools as a model sees them."""
        return {name: tool.spec for name, tool in self.catalog.items()}

    async def dispatch(self, name: str, arguments: Mapping[str, Any], call_id: str | None = None) -> ToolResult:
        """Make one call and audit it. Raises ToolRefused or ToolFailed, whose messages may be shown to the operator."""
        if not self._is_open:
            raise ScopeClosed(f"the operators' dispatcher of {self.agent} is closed: {name} was not called")
        call = self._build_call(to_storable(name), to_json_data(arguments), call_id or uuid4().hex)
        await call.begin()
        try:
            result, data = await self._make_call(call)
        except asyncio.CancelledError:
            await call.end(CallCompletion(outcome="cancelled", code="cancelled", error=text("Stopped.")))
            raise
        except ToolRefused as error:
            call.rule, call.version = error.rule or call.rule, error.version or call.version
            await self._end_unsuccessful(call, CallCompletion(outcome="refused", code=error.code, error=str(error)))
            raise
        except ToolFailed as error:
            timeout = isinstance(error, ToolTimeout)
            await self._end_unsuccessful(
                call, CallCompletion(outcome="timeout" if timeout else "failed", code=error.code, error=str(error))
            )
            raise
        await call.end(
            CallCompletion(outcome="ok", data=data, user_view=result.user_view, full_result=result.full_result)
        )
        self.results.append(result)
        return result

    async def _make_call(self, call: OperatorCall) -> tuple[ToolResult, JsonValue]:
        tool = self._get_tool(call.tool)
        parsed_input = parse_arguments(tool.spec, call.arguments)
        request = OperatorRequest(
            operator_id=self.context.user_id, tool=tool, parsed_input=parsed_input, operator_words=self.operator_words
        )
        call.target = await self.database.run(self.context.user_id, resolve_target, request)
        admission = await self.database.run(self.context.user_id, admit_operator_call, request)
        call.rule, call.version = admission.rule, admission.version
        try:
            return await self._run_tool(tool, parsed_input, call, admission)
        finally:
            await self.database.run(self.context.user_id, release_slot, admission.slot)

    async def _run_tool(
        self,
        tool: OperatorTool[Any],
        parsed_input: ToolInput | InvalidArguments,
        call: OperatorCall,
        admission: OperatorAdmission,
    ) -> tuple[ToolResult, JsonValue]:
        if isinstance(parsed_input, InvalidArguments):
            raise parsed_input  # unreachable: admission refuses it
        tool_context = OperatorToolContext(
            context=self.context, operator=admission.operator, target=call.target, data_dir=self.data_dir
        )
        value = await run_within_time_limit(tool, parsed_input, tool_context, self.database)
        data = to_jsonable(value)  # for the audit, which is in English
        translated = to_jsonable(i18n_text.translate(value, match_language(self.context.locale)))
        user_view, is_truncated = truncate_json(translated, tool.result_bytes)
        full_result = FullResult(user_view, is_complete=False) if is_truncated else None
        model_view = user_view
        if self.disclosure is not None:
            model_view = await self.disclosure.redact_result(translated, tool.result_kinds, tool.result_bytes)
        result = ToolResult(
            tool=tool.name,
            arguments=parsed_input,
            value=value,
            user_view=user_view,
            full_result=full_result,
            model_view=model_view,
        )
        return result, data

    async def disclose_error(self, error: Text, tool: Tool[Any]) -> str:
        """Return an error as a model may see it."""
        return error if self.disclosure is None else await self.disclosure.redact_error(error, tool.result_kinds)

    async def _end_unsuccessful(self, call: OperatorCall, completion: CallCompletion) -> None:
        self.error_messages.append(join_texts(": ", (call.title, completion.error or "")))
        await call.end(completion)

    def _build_call(self, name: str, arguments: JsonValue, call_id: str) -> OperatorCall:
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

    def _get_tool(self, name: str) -> OperatorTool[Any]:
        tool = self.catalog.get(name)
        if tool is None:
            there = ", ".join(sorted(self.catalog))
            name_text = repr(name[:100])
            raise UnknownTool(
                text("There is no tool {name} here. There are: {there}.", name=name_text, there=there), rule="reach"
            )
        return tool


async def run_within_time_limit(
    tool: OperatorTool[Any], parsed_input: ToolInput, tool_context: OperatorToolContext, database: DatabaseExecutor
) -> Any:
    """Run a tool in a thread, and stop waiting at its time limit: a thread cannot be stopped."""
    future = asyncio.ensure_future(database.run(tool_context.context.user_id, tool.run, parsed_input, tool_context))
    done, _ = await asyncio.wait([future], timeout=tool.seconds)
    if not done:
        future.add_done_callback(_log_abandoned_error)
        raise ToolTimeout(
            text(
                "{tool} took longer than {seconds:g} s; what it has begun it may still finish.",
                tool=tool.title,
                seconds=tool.seconds,
            )
        )
    return _unwrap_result(tool, future)


def _unwrap_result(tool: OperatorTool[Any], future: "asyncio.Future[Any]") -> Any:
    try:
        return future.result()
    except ToolRefused:
        raise
    except (UserError, OperatorError) as error:
        raise ToolFailed(verbatim_text(str(error))) from error
    except Exception as error:
        reference = uuid4().hex[:8]
        log.exception("operator's tool %s failed (reference %s)", tool.name, reference)
        message = text("{what} failed inside Netra (reference {reference}).", what=tool.title, reference=reference)
        raise ToolFailed(message) from error


def _log_abandoned_error(future: "asyncio.Future[Any]") -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log.error("an operator's tool that nobody waited for failed", exc_info=error)
