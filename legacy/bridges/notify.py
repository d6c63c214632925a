"""The old bridge to websockets (notify_*), bound to one turn. The run that is named must be the turn's own.

That an agent or a tool begins and ends is told by BaseAgent and the dispatcher: here it is only checked, so that
nothing is told twice.
"""

from typing import Any

from legacy.bridges.own import require_own, require_own_names
from legacy.bridges.turn import Turn
from legacy.bridges.websockets import NOTHING_GLOBAL
from legacy.bridges.wording import parts_of, shown, worded
from legacy.deprecations.deprecated import deprecated
from legacy.deprecations.uses import Uses
from netra.core.exceptions import Defect

TOLD_ALREADY = "nothing: BaseAgent and the dispatcher tell it"
INSTEAD = "BaseAgent.think"


class WebSocketBridge:
    def __init__(self, turn: Turn | None = None) -> None:
        if not isinstance(turn, Turn):
            raise Defect(NOTHING_GLOBAL)
        self.turn = turn

    @property
    def uses(self) -> Uses:
        return self.turn.uses

    @deprecated(TOLD_ALREADY)
    async def notify_agent_started(self, run_id: object, agent_name: str, *_: Any, **details: Any) -> bool:
        return self._own(run_id, details, "notify_agent_started")

    @deprecated(TOLD_ALREADY)
    async def notify_tool_executing(self, run_id: object, agent_name: str, *_: Any, **details: Any) -> bool:
        return self._own(run_id, details, "notify_tool_executing")

    @deprecated(TOLD_ALREADY)
    async def notify_tool_completed(self, run_id: object, agent_name: str, *_: Any, **details: Any) -> bool:
        return self._own(run_id, details, "notify_tool_completed")

    @deprecated(TOLD_ALREADY)
    async def notify_agent_completed(self, run_id: object, agent_name: str, *_: Any, **details: Any) -> bool:
        return self._own(run_id, details, "notify_agent_completed")

    @deprecated(INSTEAD)
    async def notify_agent_thinking(
        self, run_id: object, agent_name: str, reasoning: object = "", *_: Any, **details: Any
    ) -> bool:
        return await self._told(run_id, reasoning, details, "notify_agent_thinking")

    @deprecated("raise netra.core.exceptions.UserError or OperatorError")
    async def notify_agent_error(
        self, run_id: object, agent_name: str, error: object = "", *_: Any, **details: Any
    ) -> bool:
        return await self._told(run_id, str(error), details, "notify_agent_error")

    @deprecated(INSTEAD)
    async def notify_progress_update(
        self, run_id: object, agent_name: str, progress: object = None, *_: Any, **details: Any
    ) -> bool:
        return await self._told(run_id, progress, details, "notify_progress_update")

    @deprecated(INSTEAD)
    async def notify_custom(
        self, run_id: object, agent_name: str, notification_type: str = "", data: object = None, **details: Any
    ) -> bool:
        return await self._told(run_id, data, details, "notify_custom")

    def _own(self, run_id: object, details: object, where: str) -> bool:
        require_own(self.turn, "run_id", run_id, where)
        for part in parts_of(details):
            require_own_names(self.turn, part, where)
        return True

    async def _told(self, run_id: object, said: object, details: dict[str, Any], where: str) -> bool:
        self._own(run_id, details, where)
        for part in parts_of(said):
            require_own_names(self.turn, part, where)
        return await self.turn.tell(worded(said) or shown(said))
