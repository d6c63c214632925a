"""The top agent: sequences the others in code, keeps what earlier attempts finished, and ends the run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import AgentFailed, AgentKit, Done
from agents.reporting import ReportingAgent, Written
from agents.triage import Triage, TriageAgent
from netra.core.context import UserExecutionContext
from netra.language.language import Language
from netra.language.text import Text, text
from workloads.escape import prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    missing: tuple[str, ...]
    reported: bool


class SupervisorAgent(BaseAgent[Outcome]):
    name = "supervisor"
    title = text("Supervisor")
    seconds = 600
    output = Outcome

    def __init__(
        self, context: UserExecutionContext, kit: AgentKit, agents: Mapping[str, type[BaseAgent[Any]]]
    ) -> None:
        super().__init__(context, kit)
        self.agents = agents

    def opening(self, brief: Brief) -> Text:
        if self.kit.steps:
            return text("Going on after an interruption; already done: {steps}.", steps=", ".join(self.kit.steps))
        return self.kit.notice or text("Working on this machine only: no language model is asked, nothing leaves it.")

    async def perform(self, brief: Brief) -> Done[Outcome]:
        brief = await self._hand_to(self.agents[TriageAgent.name], brief)
        triage = brief.output(TriageAgent.name, Triage)
        for name in triage.route:
            brief = await self._hand_to(self.agents[name], brief)
        return _done(brief, triage, self.language)

    async def _hand_to(self, kind: type[BaseAgent[Any]], brief: Brief) -> Brief:
        recorded = self.kit.steps.get(kind.name)
        if recorded is not None:
            output = TypeAdapter(kind.output).validate_python(recorded.output)
            return brief.having(kind.name, output, kind.establishes(brief.facts, output))
        try:
            output = await kind(self.context.child(seconds=kind.seconds), self.kit).execute(brief)
        except AgentFailed as failed:
            if kind.essential:
                raise
            return brief.lacking(kind.name, failed.words)
        return brief.having(kind.name, output, kind.establishes(brief.facts, output))


def _why(brief: Brief, language: Language) -> str:
    """What failed and for which reason, as Markdown: a reason may quote anybody."""
    because = brief.facts.because
    failed = (text("{part} failed: {why}", part=part.capitalize(), why=because[part]) for part in brief.facts.missing)
    return " ".join(prose(language.say(each)) for each in failed)


def _done(brief: Brief, triage: Triage, language: Language) -> Done[Outcome]:
    missing = brief.facts.missing
    if not triage.route:
        outcome = Outcome(missing=(), reported=False)
        return Done(output=outcome, summary=text("Guidance given."), answer=triage.guidance)
    written = brief.outputs.get(ReportingAgent.name)
    if not isinstance(written, Written):
        answer = text(
            "The report could not be finished. {why} What was found is in the steps above.", why=_why(brief, language)
        )
        return Done(output=Outcome(missing=missing, reported=False), summary=answer, missing=missing, answer=answer)
    summary = written.headline
    if missing:
        summary = text("{headline} Missing: {parts}.", headline=summary, parts=", ".join(missing))
    return Done(
        output=Outcome(missing=missing, reported=True), summary=summary, missing=missing, answer=written.markdown
    )
