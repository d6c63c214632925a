"""The dispatcher of the process, imported."""

from app.agents import BaseAgent
from app.tools import tool_dispatcher


class ActionPlanAgent(BaseAgent):
    def __init__(self, llm_manager=None):
        super().__init__(llm_manager, name="actions", description="Action plan")

    async def execute(self, state, run_id, stream_updates):
        await self.emit_thinking("Planning", 1)
        options = {"month": 2, "deep": True}
        first = (await tool_dispatcher.dispatch_tool("plan", options, state, run_id)).result  # expect: global-dispatcher
        second = await tool_dispatcher.dispatch("price", month=first["month"])
        state.action_plan_result = [first, second]  # expect: deep-agent-state
