"""Analyst: answers a question about the log with one to four tool calls, and says what was understood."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from agents.answers.answer import Answer, AnswerKind, to_plain
from agents.answers.calls import Call, build_turn, list_calls
from agents.answers.causes import MAX_ROUNDS, is_open, settle
from agents.answers.composers.logs import compose_logs
from agents.answers.composition import compose_answer
from agents.answers.tool_results import compose_problem, compose_tool_result
from agents.answers.two_logs import plan_log_call
from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from agents.language.questions import KnownLogs, QuestionReader
from agents.language.reading import Turn, dump_turn, load_turn
from agents.language.tokens import tokenize
from agents.models import ANALYST_AGENT
from agents.team.actions import ActionsAgent
from agents.team.data import DataAgent
from agents.team.optimization import OptimizationAgent
from agents.team.reconciliation import ReconciliationAgent
from agents.team.reporting import ReportingAgent
from agents.team.triage import TriageAgent
from agents.team.triage_output import TriageOutput
from agents.wording.asking import INSTRUCTIONS, RuledAnswer, answer_with_model
from core.exceptions import UserError
from core.i18n.text import Text, text
from tools.base import Tool
from tools.errors import ToolFailed, ToolRefused
from tools.registry import TOOLS
from tools.results import ToolResult
from tools.run_dispatcher import ToolDispatcher
from workloads.analysis.analysis import Analysis
from workloads.query.values import move_to_zone

QUERY_TOOLS = (
    *("measure", "compare", "explain_change", "what_if", "forecast", "find_anomalies", "list_requests"),
    *("explain_request", "describe_log"),
)
REPORT_TOOLS = frozenset(
    tool
    for agent in (TriageAgent, DataAgent, ReconciliationAgent, OptimizationAgent, ActionsAgent, ReportingAgent)
    for tool in agent.tools
)
"""Tools of the agents of the report. Without a model, a question does not call them by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalystOutput:
    """`answer` is the JSON of docs/answers.md, in the language of the run. `turn` is what the next question may refer
    to (agents.language.reading)."""

    answer: Mapping[str, Any]
    turn: Any


class AnalystAgent(BaseAgent[AnalystOutput]):
    name = ANALYST_AGENT
    title = text("Analyst")
    seconds = 180
    output = AnalystOutput
    tools = tuple(name for name in TOOLS if name not in ReportingAgent.tools)
    essential = True
    instructions = INSTRUCTIONS

    def opening(self, run_input: RunInput) -> Text:
        return text("Looking up the answer in the log.")

    async def perform(self, run_input: RunInput) -> AgentResult[AnalystOutput]:
        triage = run_input.get_output(TriageAgent.name, TriageOutput)
        turn = await self._load_turn(triage)
        if triage.guidance:
            words = as_markdown(self.language.translate(triage.guidance))
            is_wish = triage.kind == AnswerKind.OPERATE
            said = Answer(kind=AnswerKind.OPERATE, text=words) if is_wish else compose_problem(words)
            return self._build_result(run_input, said, turn)
        async with self.open_dispatcher(run_input) as dispatcher:
            limits = self.deps.answer_limits
            if limits is None and triage.other_log is None and not _find_named_tool(run_input.ask, dispatcher.tools):
                return _to_result(await self._compose_by_rules(dispatcher, run_input, turn))
            ruled = await self._answer_by_rules(dispatcher, run_input, triage, turn)
            if limits is None or ruled.answer.kind in (AnswerKind.TALK, AnswerKind.OPERATE, AnswerKind.REPORT):
                return self._build_result(run_input, ruled.answer, ruled.turn)
            worded = await answer_with_model(self, dispatcher, run_input, ruled, limits)
        return self._build_result(run_input, worded.answer, worded.turn, worded.messages)

    async def _answer_by_rules(
        self, dispatcher: ToolDispatcher, run_input: RunInput, triage: TriageOutput, turn: Turn
    ) -> RuledAnswer:
        """Call the tools that the question needs as it was read, and compose the answer."""
        named = _find_named_tool(run_input.ask, dispatcher.tools)
        if named is not None:
            answer = compose_tool_result(named.name, named.title, await _call(dispatcher, Call(tool=named.name)))
            return RuledAnswer(answer=answer, turn=turn)
        if triage.other_log is not None:
            result = await _call(dispatcher, plan_log_call(turn.reading, triage.other_log))
            return RuledAnswer(answer=compose_logs(turn.reading, result), turn=turn)
        results = [await _call(dispatcher, call) for call in list_calls(turn.reading)]
        return await self._rule(*await self._settle(dispatcher, turn, results))

    async def _compose_by_rules(self, dispatcher: ToolDispatcher, run_input: RunInput, turn: Turn) -> AnalystOutput:
        """Call the tools that the question needs, and compose the answer, once for equal results."""
        results = await _call_all(dispatcher, list_calls(turn.reading))
        turn, results = await self._settle(dispatcher, turn, results)

        async def compose() -> AnalystOutput:
            ruled = await self._rule(turn, results)
            return self._build_output(run_input, ruled.answer, ruled.turn)

        return await self.composer.compose_with(
            (turn, *results), compose, key=("answer", run_input.ask), measure=lambda _: len(run_input.ask)
        )

    async def _settle(self, dispatcher: ToolDispatcher, turn: Turn, results: list[object]) -> tuple[Turn, list[object]]:
        """Call what only the first results tell: why the day is the most expensive that they show to be it."""
        reading = turn.reading
        for _ in range(MAX_ROUNDS):
            if not is_open(reading):
                break
            settled = settle(reading, results, await self._know_log(reading.query.zone))
            results = settled.fill(await _call_all(dispatcher, settled.calls))
            reading = settled.reading
        return (turn if reading is turn.reading else replace(turn, reading=reading)), results

    async def _rule(self, turn: Turn, results: Sequence[object]) -> RuledAnswer:
        known = await self._know_log(turn.reading.query.zone)
        answer = compose_answer(turn.reading, results, known)
        return RuledAnswer(answer=answer, turn=build_turn(turn.reading, results), known=known)

    async def _load_turn(self, triage: TriageOutput) -> Turn:
        recorded = json.dumps(triage.turn)
        return await self.composer.compose((), lambda: load_turn(triage.turn), key=("turn", recorded))

    async def _know_log(self, zone: str) -> KnownLogs | None:
        """Return the log's names, to suggest what can be asked, and its days in a time zone; triage has read them."""
        try:
            return await self.deps.session.ask(partial(_know_log, self.deps.question_reader, zone))
        except UserError:
            return None

    def _build_result(
        self, run_input: RunInput, answer: Answer, turn: Turn, messages: Any = None
    ) -> AgentResult[AnalystOutput]:
        return _to_result(self._build_output(run_input, answer, turn), messages)

    def _build_output(self, run_input: RunInput, answer: Answer, turn: Turn) -> AnalystOutput:
        return AnalystOutput(answer=to_plain(run_input.ask, answer, self.language), turn=dump_turn(turn))


SUMMARIES: Mapping[AnswerKind, Text] = MappingProxyType(
    {
        AnswerKind.ANSWER: text("Answered from the log."),
        AnswerKind.CLARIFY: text("Asked what was meant."),
        AnswerKind.CANNOT: text("Explained why the log can't answer this."),
        AnswerKind.TALK: text("Answered."),
        AnswerKind.OPERATE: text("Done, or explained where to do it."),
    }
)


def _to_result(output: AnalystOutput, messages: Any = None) -> AgentResult[AnalystOutput]:
    return AgentResult(output=output, summary=SUMMARIES[AnswerKind(output.answer["kind"])], messages=messages)


def _know_log(reader: QuestionReader, zone: str, analysis: Analysis) -> KnownLogs:
    return reader.know((move_to_zone(analysis.describe_log(), zone),))


def as_markdown(words: str) -> Text:
    """Return words as a Text that is Markdown already: translated, and with its names escaped."""
    return Text(words)


async def _call(dispatcher: ToolDispatcher, call: Call) -> object:
    """Make a call, and return its value, or the Text of the reason why there is none."""
    try:
        return (await dispatcher.dispatch(call.tool, call.arguments)).value
    except (ToolFailed, ToolRefused) as failed:
        return failed.message


async def _call_all(dispatcher: ToolDispatcher, calls: Sequence[Call]) -> list[object]:
    ended = await dispatcher.dispatch_all([(call.tool, call.arguments) for call in calls])
    return [each.value if isinstance(each, ToolResult) else each.message for each in ended]


def _find_named_tool(ask: str, tools: Mapping[str, Tool[Any]]) -> Tool[Any] | None:
    """Return an installation's own tool that the question calls by its title, and that needs no arguments."""
    asked = {token.text for token in tokenize(ask)}
    own = (tool for name, tool in tools.items() if name not in REPORT_TOOLS and name not in QUERY_TOOLS)
    return next((tool for tool in own if _is_named(tool, asked) and not tool.schema.get("required")), None)


def _is_named(tool: Tool[Any], asked: set[str]) -> bool:
    words = [{token.text for token in tokenize(name)} for name in (str(tool.title), tool.name.replace("_", " "))]
    return any(each and each <= asked for each in words)
