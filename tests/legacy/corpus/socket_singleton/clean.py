"""Words for the user through the one manager, which knows everybody's sockets."""

import logging

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput

log = logging.getLogger(__name__)


class ReportingSubAgent(BaseAgent[object]):
    name = "reporting"
    title = "Reporting"
    seconds = 120
    output = object

    def opening(self, run_input: RunInput) -> str:
        return "Reading"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        log.info("reporting in %s", str(self.context.run_id))
        await self.think(f"of {self.context.run_id}")
        return AgentResult(output=f"{run_input.ask}: read", summary="Done.")
