"""Supervisor: runs the other agents in order, reuses the steps of earlier attempts, and ends the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from agents.answers.answer import AnswerKind
from agents.answers.markdown import to_markdown
from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentDeps, AgentFailed, AgentResult, RunInput
from agents.team.analyst import SUMMARIES, AnalystAgent, AnalystOutput
from agents.team.reporting import ReportingAgent, ReportingOutput
from agents.team.triage import TriageAgent
from agents.team.triage_output import TriageOutput
from core.context import UserExecutionContext
from core.i18n.language import Language
from core.i18n.text import Text, text
from workloads.report.escaping import escape_prose


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorOutput:
    missing: tuple[str, ...]
    reported: bool


class SupervisorAgent(BaseAgent[SupervisorOutput]):
    name = "supervisor"
    title = text("Supervisor")
    seconds = 600
    output = SupervisorOutput

    def __init__(
        self, context: UserExecutionContext, deps: AgentDeps, agents: Mapping[str, type[BaseAgent[Any]]]
    ) -> None:
        super().__init__(context, deps)
        self.agents = agents

    def opening(self, run_input: RunInput) -> Text:
        if self.deps.steps:
            return text("Restarted after an interruption. Already done: {steps}.", steps=", ".join(self.deps.steps))
        return self.deps.notice or text("Computed on this server. No language model is used and no data leaves it.")

    async def perform(self, run_input: RunInput) -> AgentResult[SupervisorOutput]:
        run_input = await self._run_agent(self.agents[TriageAgent.name], run_input)
        triage = run_input.get_output(TriageAgent.name, TriageOutput)
        for name in triage.route:
            run_input = await self._run_agent(self.agents[name], run_input)
        return _build_result(run_input, self.language)

    async def _run_agent(self, kind: type[BaseAgent[Any]], run_input: RunInput) -> RunInput:
        recorded = self.deps.steps.get(kind.name)
        if recorded is not None:
            output = TypeAdapter(kind.output).validate_python(recorded.output)
            return run_input.with_output(kind.name, output, kind.update_facts(run_input.facts, output))
        try:
            output = await kind(self.context.child(seconds=kind.seconds), self.deps).execute(run_input)
        except AgentFailed as failed:
            if kind.essential:
                raise
            return run_input.with_failure(kind.name, failed.message)
        return run_input.with_output(kind.name, output, kind.update_facts(run_input.facts, output))


def _describe_failures(run_input: RunInput, language: Language) -> str:
    """Describe the failures as Markdown, escaped because a reason may quote any text."""
    reasons = run_input.facts.because
    failed = (
        text("{part} failed: {why}", part=part.capitalize(), why=reasons[part]) for part in run_input.facts.missing
    )
    return " ".join(escape_prose(language.translate(each)) for each in failed)


def _build_result(run_input: RunInput, language: Language) -> AgentResult[SupervisorOutput]:
    missing = run_input.facts.missing
    analysis = run_input.outputs.get(AnalystAgent.name)
    if isinstance(analysis, AnalystOutput):
        return AgentResult(
            output=SupervisorOutput(missing=(), reported=False),
            summary=SUMMARIES[AnswerKind(analysis.answer["kind"])],
            answer=to_markdown(analysis.answer, language),
        )
    report = run_input.outputs.get(ReportingAgent.name)
    if not isinstance(report, ReportingOutput):
        answer = text(
            "The report could not be completed. {why} The results so far are in the steps above.",
            why=_describe_failures(run_input, language),
        )
        return AgentResult(
            output=SupervisorOutput(missing=missing, reported=False), summary=answer, missing=missing, answer=answer
        )
    summary = report.headline
    if missing:
        summary = text("{headline} Missing: {parts}.", headline=summary, parts=", ".join(missing))
    return AgentResult(
        output=SupervisorOutput(missing=missing, reported=True),
        summary=summary,
        missing=missing,
        answer=report.markdown,
    )
