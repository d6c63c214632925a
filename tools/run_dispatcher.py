"""The dispatchers of runs: a user's own calls, on the user's own data, in one agent's turn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.context import UserExecutionContext
from core.exceptions import InvalidContext
from core.i18n.language import match_language
from tools.admission import AdmissionCheck, JointAdmissionCheck, UserAdmitter
from tools.base import RunFacts, Tool, ToolContext
from tools.calls import AlertedBudgets, CallRecorder, RunJournal
from tools.conversion import convert_result
from tools.disclosure import Disclosure
from tools.dispatcher import CallDispatcher
from tools.execution import run_within_time_limit
from tools.reuse import ResultReuse
from workloads.analysis.session import AnalysisSession

FULL_RESULT_BYTES = 2_000_000  # of JSON, stored of one result


class ToolDispatcher(CallDispatcher[Tool[Any], ToolContext]):
    """Makes the calls of one agent in one turn, on its user's data."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDispatcherFactory:
    """Makes dispatchers over a fixed set of tools. `admit` decides on each call, and `admit_together` on several that
    are made at the same moment. `remote` says that what a model gets leaves this machine: then no result is reused,
    as the values that must be withheld from it are looked up in the log."""

    catalog: Mapping[str, Tool[Any]]
    admit: AdmissionCheck
    admit_together: JointAdmissionCheck | None = None
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
            reuse=self._build_reuse(tool_context, tools),
        )

    def _build_reuse(self, tool_context: ToolContext, names: tuple[str, ...]) -> ResultReuse | None:
        if self.remote or self.admit_together is None:
            return None
        language = match_language(tool_context.context.locale)
        return ResultReuse(
            session=tool_context.session,
            context=tool_context.context,
            facts=tool_context.facts,
            language=language,
            convert=partial(
                convert_result, language=language, full_result_bytes=FULL_RESULT_BYTES, audits_english=False
            ),
            tools={name: self.catalog[name] for name in names},
            admit_together=self.admit_together,
        )


def _build_disclosure(session: AnalysisSession) -> Disclosure:
    async def find(words: frozenset[str]) -> frozenset[str]:
        return await session.find_private_words(words) if session.is_open else frozenset()

    async def find_kept(words: frozenset[str]) -> frozenset[str]:
        return await session.find_kept_words(words) if session.is_open else frozenset()

    return Disclosure(find, find_kept)
