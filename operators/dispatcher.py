"""The operators' dispatcher: tools.dispatcher with the operators' own admission, contexts, threads and journal. Words
that name an account are withheld from remote language models."""

import asyncio
import logging
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower

from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.context import ConnectionContext, UserExecutionContext
from core.db import as_writer
from core.events import Emitter
from core.exceptions import InvalidContext
from core.i18n.text import text
from core.models import User
from core.stream.append import Publish, publish_to_nobody
from core.username_rules import parse_id
from operators.admission import OperatorAdmitter
from operators.base import OperatorTool, OperatorToolContext
from tools.audit.record import commit_attempt
from tools.base import ToolInput
from tools.calls import DispatchedCall, EndedCall
from tools.disclosure import Disclosure
from tools.dispatcher import CallDispatcher
from tools.errors import ToolRefused, ToolTimeout
from tools.execution import explain_errors
from tools.quota.slots import release_slots
from tools.settlements import Settlement
from tools.spending.budgets import BudgetAlert

log = logging.getLogger(__name__)

WORDS_PER_QUERY = 2_000
SURROUNDING_CHARACTERS = string.punctuation + string.whitespace
"""Stripped from both ends of names and words, as in "Ana Lind (billing)"."""

NAME_FIELDS = ("username", "display_name", "email")


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

    async def ensure_first(self, call: DispatchedCall) -> None:
        """Do nothing: operators' tools may be run twice."""

    async def end(self, ended: EndedCall) -> None:
        """Audit the call and publish its end, in this order: whatever is published has been audited."""
        settling = self.database.run(self.context.user_id, _settle_call, ended.settlement)
        await asyncio.shield(asyncio.ensure_future(settling))  # also if the task is cancelled: the call was made
        if self.recorder is not None and isinstance(self.context, UserExecutionContext):
            await self.recorder.emit(ended.build_event(self.context))

    async def flush(self) -> None:
        """Do nothing: each end has been stored."""


def _settle_call(settlement: Settlement) -> None:
    with as_writer():
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


class TrimSurrounding(Func):
    """Strips surrounding punctuation and spaces from a text in the database."""

    function = "TRIM"

    def __init__(self, text: Any) -> None:
        super().__init__(text, Value(SURROUNDING_CHARACTERS))

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, **{**context, "function": "BTRIM"})


def find_account_words(words: frozenset[str]) -> frozenset[str]:
    """Return the words that are a user's name, display name, e-mail address or id, in upper or lower case.

    `words` have no punctuation around them.
    """
    found: set[str] = set()
    sorted_words = sorted(words)
    for start in range(0, len(sorted_words), WORDS_PER_QUERY):
        found |= _find_account_names(sorted_words[start : start + WORDS_PER_QUERY])
    return frozenset(word for word in words if word.lower() in found)


def _find_account_names(words: list[str]) -> set[str]:
    """Return all names and ids, in lower case, of the accounts that these words may name."""
    # Compared unchanged too: SQLite's LOWER handles only ASCII.
    matches = Q(pk__in=[pk for word in words if (pk := parse_id(word)) is not None])
    columns: Mapping[str, Any] = {f"{name}_exact": TrimSurrounding(F(name)) for name in NAME_FIELDS}
    lower_columns: Mapping[str, Any] = {f"{name}_lower": TrimSurrounding(Lower(name)) for name in NAME_FIELDS}
    for column in columns:
        matches |= Q(**{f"{column}__in": words})
    for column in lower_columns:
        matches |= Q(**{f"{column}__in": [word.lower() for word in words]})
    found: set[str] = set()
    for *names, pk in User.objects.annotate(**columns, **lower_columns).filter(matches).values_list(*NAME_FIELDS, "pk"):
        found |= {name.strip(SURROUNDING_CHARACTERS).lower() for name in names} | {str(pk), pk.hex}
    return found
