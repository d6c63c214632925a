"""Words for the user through the one manager, which knows everybody's sockets."""

import logging

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done

log = logging.getLogger(__name__)


class ReportingSubAgent(BaseAgent[object]):
    name = "reporting"
    title = "Reporting"
    seconds = 120
    output = object

    def opening(self, brief: Brief) -> str:
        return "Reading"

    async def perform(self, brief: Brief) -> Done[object]:
        log.info("reporting in %s", str(self.context.run_id))
        await self.think(f"of {self.context.run_id}")
        return Done(output=f"{brief.ask}: read", summary="Done.")
