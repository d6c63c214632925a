"""Agents that leave their results in one state for the next."""

from typing import TYPE_CHECKING

from app.state import DeepAgentState  # expect: deep-agent-state

if TYPE_CHECKING:
    from app.bridge import Bridge


class TriageAgent:
    async def execute(self, state: DeepAgentState, run_id: str, stream_updates: bool) -> None:  # expect: deep-agent-state
        state.triage_result = {"category": "cost"}  # expect: deep-agent-state


class ReportAgent:
    async def execute(self, state: "DeepAgentState | None", run_id, bridge: "Bridge"):  # expect: deep-agent-state
        state.report_result = str(state.triage_result)  # expect: deep-agent-state


async def run(request):
    await TriageAgent().execute(DeepAgentState(user_request=request), "1", True)  # expect: deep-agent-state
