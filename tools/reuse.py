"""The reuse of results by equal calls of later runs of the same user about the same log in the same state.

Such a call is decided, reported and audited like any other; only its result is not computed and converted again."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.context import UserExecutionContext
from core.i18n.language import Language
from tools.admission import CallAdmission, CallRequest, JointAdmissionCheck, to_policy_arguments
from tools.base import Reuse, RunFacts, Tool, ToolInput, ToolSpec
from tools.calls import DispatchedCall
from tools.conversion import ConvertedResult
from tools.errors import ToolRefused
from tools.execution import parse_arguments
from workloads.analysis.session import AnalysisSession
from workloads.kept_values import KeptLog


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedCall:
    """A call whose result is kept, and whether it may be made."""

    call: DispatchedCall
    tool: Tool[Any]
    valid: ToolInput
    converted: ConvertedResult
    decision: CallAdmission | ToolRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReuse:
    """Keeps the results of a turn's calls, and finds those of earlier ones. Whatever makes calls of `tools` about one
    state of a log different is in their keys."""

    session: AnalysisSession
    context: UserExecutionContext
    facts: RunFacts
    language: Language
    tools: Mapping[str, Tool[Any]]
    admit_together: JointAdmissionCheck

    async def find_or_make(
        self, tool: ToolSpec[Any], valid: ToolInput, make: Callable[[], Awaitable[ConvertedResult]]
    ) -> ConvertedResult:
        """Return the kept result of an equal call, or make a new one and keep it."""
        key = self._build_key(tool, valid)
        kept = None if key is None else await self.session.open_kept()
        found = None if kept is None else kept.get(key)
        if isinstance(found, ConvertedResult):
            return found
        made = await make()
        # The log is looked up by the first question about it; the state may be another than when the call began.
        now = None if key is None else await self.session.open_kept()
        if now is not None and kept in (None, now):
            now.put(key, made, len(made.audited or ""), part=made.value)
        return made

    async def decide(self, calls: Sequence[DispatchedCall]) -> list[DecidedCall]:
        """Decide at once on the first calls whose results are kept. On whatever follows is decided when it is made."""
        kept = await self.session.open_kept()
        found = [] if kept is None else self._find_first(calls, kept)
        if len(found) < 2:
            return []
        requests = [
            CallRequest(context=self.context, tool=tool, arguments=to_policy_arguments(valid))
            for _, tool, valid, _ in found
        ]
        decisions = await self.admit_together(requests)
        return [
            DecidedCall(call=call, tool=tool, valid=valid, converted=converted, decision=decision)
            for (call, tool, valid, converted), decision in zip(found, decisions, strict=False)
        ]

    def _find_first(
        self, calls: Sequence[DispatchedCall], kept: KeptLog
    ) -> list[tuple[DispatchedCall, Tool[Any], ToolInput, ConvertedResult]]:
        found: list[tuple[DispatchedCall, Tool[Any], ToolInput, ConvertedResult]] = []
        for call in calls:
            tool = self.tools.get(call.tool)
            valid = None if tool is None else parse_arguments(tool, call.arguments)
            if tool is None or not isinstance(valid, ToolInput):
                break
            key = self._build_key(tool, valid)
            converted = None if key is None else kept.get(key)
            if not isinstance(converted, ConvertedResult):
                break
            found.append((call, tool, valid, converted))
        return found

    def _build_key(self, tool: ToolSpec[Any], valid: ToolInput) -> Hashable | None:
        """Return what equal calls have in common; None for a call that is not reused."""
        facts = self.facts
        if tool.reuse is Reuse.NEVER or valid.is_about_other_log:
            return None
        depends: Hashable = None
        if tool.reuse is not Reuse.LOG:
            if facts.missing or facts.because:
                return None  # a part of this run has failed
            asked = facts.ask if tool.reuse is Reuse.QUESTION else ""
            depends = (asked, facts.goal_percent, facts.guard, facts.levers)
        return ("result", tool.name, self.language.tag, valid.model_dump_json(), depends)
