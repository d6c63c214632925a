"""The operators' dispatcher: tools.dispatcher with the operators' own admission, contexts, threads and journal."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.context import ConnectionContext, UserExecutionContext
from core.events import Emitter
from core.exceptions import InvalidContext
from core.i18n.text import text
from core.stream.append import Publish, publish_to_nobody
from operators.admission import OperatorAdmitter
from operators.base import OperatorTool, OperatorToolContext
from operators.disclosure import find_account_words
from tools.audit.record import commit_attempt
from tools.base import ToolInput
from tools.calls import DispatchedCall, EndedCall, Settlement
from tools.disclosure import Disclosure
from tools.dispatcher import CallDispatcher
from tools.errors import ToolRefused, ToolTimeout
from tools.execution import explain_errors
from tools.quota.slots import release_slots
from tools.spending.budgets import BudgetAlert

log = logging.getLogger(__name__)


class AdminToolDispatcher(CallDispatcher[OperatorTool[Any], OperatorToolContext]):
    """Makes the calls of one operator, in one action or in one turn of the operators' agent."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminToolDispatcherFactory:
    """Makes dispatchers for a fixed set of tools. `remote`: the language model is not on this machine."""

    catalog: Mapping[str, OperatorTool[Any]]
    data_dir: Path
    database: DatabaseExecutor = field(default_factory=SharedThreadExecutor)
    remote: bool = False
    publish: Publish = publish_to_nobody

    def for_context(
        self,
        context: ConnectionContext,
        *,
        agent: str,
        recorder: Emitter | None = None,
        operator_words: str | None = None,
    ) -> AdminToolDispatcher:
        """Make a dispatcher for the operator whose context it is.

        With a recorder, calls are published in the operator's run. Tools with a user's own texts are then left out,
        because what is published is stored. `operator_words` must name what a call changes.
        """
        if not isinstance(context, ConnectionContext):
            raise InvalidContext(f"a dispatcher needs a ConnectionContext, not {type(context).__name__}")
        reachable = {name: tool for name, tool in self.catalog.items() if recorder is None or not tool.requires_consent}

        async def find_private(words: frozenset[str]) -> frozenset[str]:
            return await self.database.run(context.user_id, find_account_words, words)

        return AdminToolDispatcher(
            agent=agent,
            tools=reachable,
            context=context,
            admitter=OperatorAdmitter(
                context=context,
                operator_words=operator_words,
                data_dir=self.data_dir,
                database=self.database,
                publish=self.publish,
            ),
            run_tool=partial(run_in_thread, self.database),
            journal=AuditJournal(context=context, recorder=recorder, database=self.database),
            full_result_bytes=0,  # an operator's run stores no more of others' data than the preview
            audits_english=True,
            disclosure=Disclosure(find_private) if self.remote else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditJournal:
    """Audits the calls of the operator whose context it is, and publishes them in the operator's run, if there is one.

    Outside a run, or without a recorder, calls are only audited.
    """

    context: ConnectionContext
    recorder: Emitter | None
    database: DatabaseExecutor

    async def begin(self, call: DispatchedCall) -> None:
        if self.recorder is not None and isinstance(self.context, UserExecutionContext):
            await self.recorder.emit(call.build_event(self.context))

    async def warn(self, call: DispatchedCall, alerts: tuple[BudgetAlert, ...]) -> None:
        """Do nothing: operators' calls cost nothing."""

    async def end(self, ended: EndedCall) -> None:
        """Audit the call and publish its end, in this order: whatever is published has been audited."""
        settling = self.database.run(self.context.user_id, _settle_call, ended.settlement)
        await asyncio.shield(asyncio.ensure_future(settling))  # also if the task is cancelled: the call was made
        if self.recorder is not None and isinstance(self.context, UserExecutionContext):
            await self.recorder.emit(ended.build_event(self.context))


def _settle_call(settlement: Settlement) -> None:
    with transaction.atomic():
        release_slots([settlement.slot] if settlement.slot else [])
    commit_attempt(settlement.attempt)


async def run_in_thread(
    database: DatabaseExecutor, tool: OperatorTool[Any], arguments: ToolInput, tool_context: OperatorToolContext
) -> Any:
    """Run a tool in a thread, and stop waiting at its time limit: a thread cannot be stopped.

    Raises ToolFailed, ToolTimeout, and the ToolRefused of a tool that checks its consent as it reads.
    """
    running = asyncio.ensure_future(database.run(tool_context.context.user_id, tool.run, arguments, tool_context))
    done, _ = await asyncio.wait([running], timeout=tool.seconds)
    if not done:
        running.add_done_callback(_log_abandoned_error)
        raise ToolTimeout(
            text(
                "{tool} took longer than {seconds:g} s. It may still finish in the background.",
                tool=tool.title,
                seconds=tool.seconds,
            )
        )
    if isinstance(error := running.exception(), ToolRefused):
        raise error
    with explain_errors(tool):
        return running.result()


def _log_abandoned_error(future: "asyncio.Future[Any]") -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log.error("an operator's tool failed after its time limit", exc_info=error)
