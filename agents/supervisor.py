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
from workloads.escape import prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    missing: tuple[str, ...]
    reported: bool


class SupervisorAgent(BaseAgent[Outcome]):
    name = "supervisor"
    title = "Supervisor"
    seconds = 600
    output = Outcome

    def __init__(
        self, context: UserExecutionContext, kit: AgentKit, agents: Mapping[str, type[BaseAgent[Any]]]
    ) -> None:
        super().__init__(context, kit)
        self.agents = agents

    def opening(self, brief: Brief) -> str:
        if self.kit.steps:
            return f"Going on after an interruption; already done: {', '.join(self.kit.steps)}."
        return self.kit.notice or "Working on this machine only: no language model is asked, nothing leaves it."

    async def perform(self, brief: Brief) -> Done[Outcome]:
        brief = await self._hand_to(self.agents[TriageAgent.name], brief)
        triage = brief.output(TriageAgent.name, Triage)
        for name in triage.route:
            brief = await self._hand_to(self.agents[name], brief)
        return _done(brief, triage)

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
            return brief.lacking(kind.name, str(failed))
        return brief.having(kind.name, output, kind.establishes(brief.facts, output))


def _why(brief: Brief) -> str:
    """What failed and for which reason, as Markdown: a reason may quote anybody."""
    because = brief.facts.because
    return " ".join(prose(f"{part.capitalize()} failed: {because[part]}") for part in brief.facts.missing)


def _done(brief: Brief, triage: Triage) -> Done[Outcome]:
    missing = brief.facts.missing
    if not triage.route:
        return Done(output=Outcome(missing=(), reported=False), summary="Guidance given.", answer=triage.guidance)
    written = brief.outputs.get(ReportingAgent.name)
    if not isinstance(written, Written):
        answer = f"The report could not be finished. {_why(brief)} What was found is in the steps above."
        return Done(output=Outcome(missing=missing, reported=False), summary=answer, missing=missing, answer=answer)
    summary = written.headline + (f" Missing: {', '.join(missing)}." if missing else "")
    return Done(
        output=Outcome(missing=missing, reported=True), summary=summary, missing=missing, answer=written.markdown
    )
