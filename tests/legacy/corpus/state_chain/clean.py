"""Agents that take a frozen run_input and return what they found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RunInput:
    text: str
    triage: str = ""


class TriageAgent:
    async def execute(self, run_input: RunInput) -> str:
        return f"cost: {run_input.text}"


class ReportAgent:
    async def execute(self, run_input: RunInput) -> str:
        state = run_input.triage
        return state.upper()


async def run(text):
    return await ReportAgent().execute(RunInput(text, await TriageAgent().execute(RunInput(text))))
