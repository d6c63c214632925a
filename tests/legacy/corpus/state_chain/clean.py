"""Agents that take a frozen brief and return what they found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Brief:
    text: str
    triage: str = ""


class TriageAgent:
    async def execute(self, brief: Brief) -> str:
        return f"cost: {brief.text}"


class ReportAgent:
    async def execute(self, brief: Brief) -> str:
        state = brief.triage
        return state.upper()


async def run(text):
    return await ReportAgent().execute(Brief(text, await TriageAgent().execute(Brief(text))))
