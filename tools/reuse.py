"""The reuse of results by equal calls of later runs of the same user about the same log in the same state.

Such a call is decided, reported and audited like any other; only its result is not computed and converted again.
Answers that are kept with the log, but not in this process, are read for all calls of a turn at once."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from typing import Any

from core.context import UserExecutionContext
from core.i18n.language import Language
from tools.admission import CallAdmission, CallRequest, JointAdmissionCheck, to_policy_arguments
from tools.base import Reuse, RunFacts, Tool, ToolInput, ToolSpec
from tools.calls import DispatchedCall
from tools.conversion import ConvertedResult
from tools.errors import ToolFailed, ToolRefused
from tools.execution import explain_errors, parse_arguments
from workloads.analysis.analysis import Analysis
from workloads.analysis.answers import AnswerMissing
from workloads.analysis.session import AnalysisSession
from workloads.kept_values import KeptLog


@dataclass(frozen=True, slots=True, kw_only=True)
class ReusableCall:
    """A call whose result may be that of an equal one, which is kept under `key`."""

    call: DispatchedCall
    tool: Tool[Any]
    valid: ToolInput
    key: Hashable


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
    convert: Callable[[Any, Tool[Any]], ConvertedResult]

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
            _put(now, key, made)
        return made

    async def decide(self, calls: Sequence[DispatchedCall]) -> list[DecidedCall]:
        """Decide at once on the first calls whose results are kept. On whatever follows is decided when it is made."""
        kept = await self.session.open_kept()
        if kept is None:
            return []
        reusable = self._find_reusable(calls)
        await self._read_answers(reusable, kept)
        found = list(_find_first(reusable, kept))
        if len(found) < 2:
            return []
        requests = [
            CallRequest(context=self.context, tool=each.tool, arguments=to_policy_arguments(each.valid))
            for each, _ in found
        ]
        decisions = await self.admit_together(requests)
        return [
            DecidedCall(call=each.call, tool=each.tool, valid=each.valid, converted=converted, decision=decision)
            for (each, converted), decision in zip(found, decisions, strict=False)
        ]

    def _find_reusable(self, calls: Sequence[DispatchedCall]) -> list[ReusableCall]:
        """Return the first calls whose results are reused."""
        found: list[ReusableCall] = []
        for call in calls:
            tool = self.tools.get(call.tool)
            valid = None if tool is None else parse_arguments(tool, call.arguments)
            if tool is None or not isinstance(valid, ToolInput):
                break
            key = self._build_key(tool, valid)
            if key is None:
                break
            found.append(ReusableCall(call=call, tool=tool, valid=valid, key=key))
        return found

    async def _read_answers(self, calls: Sequence[ReusableCall], kept: KeptLog) -> None:
        """Read the answers to calls that are kept with the log, but not in this process, in one crossing of threads.

        That is no call yet: nobody gets them unless their call is permitted.
        """
        lacking = [each for each in calls if kept.get(each.key) is None]
        asking = list(takewhile(lambda each: each.tool.question is not None, lacking))
        if len(asking) < 2:
            return
        tool = asking[0].tool
        try:
            with explain_errors(tool):
                async with asyncio.timeout(tool.seconds):
                    made = await self.session.ask(partial(self._convert_kept, asking))
        except ToolFailed:
            return  # the call itself fails, and says why
        if await self.session.open_kept() is kept:
            for each, converted in zip(asking, made, strict=False):
                _put(kept, each.key, converted)

    def _convert_kept(self, calls: Sequence[ReusableCall], analysis: Analysis) -> list[ConvertedResult]:
        """Return the results of the first calls whose answers are kept with the log."""
        values: list[Any] = []
        with suppress(AnswerMissing), analysis.computing_nothing():
            for each in calls:
                if each.tool.question is not None:
                    values.append(each.tool.question(each.valid, self.facts)(analysis))
        return [self.convert(value, each.tool) for value, each in zip(values, calls, strict=False)]

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


def _find_first(calls: Sequence[ReusableCall], kept: KeptLog) -> Iterator[tuple[ReusableCall, ConvertedResult]]:
    for each in calls:
        converted = kept.get(each.key)
        if not isinstance(converted, ConvertedResult):
            return
        yield each, converted


def _put(kept: KeptLog, key: Hashable, made: ConvertedResult) -> None:
    kept.put(key, made, len(made.audited or ""), part=made.value)
