"""Base class for legacy agents, and the emit_* methods that a bridged class gets if it has none.
The module name is promised to teams (docs/bridges.md)."""

from typing import Any

from core.exceptions import Defect
from legacy.bridges.deprecation import UsageCounter, mark_deprecated
from legacy.bridges.messages import send_own_message
from legacy.bridges.ownership import require_own_facade, require_own_id, require_own_ids_in
from legacy.bridges.turn import BridgeTurn
from legacy.bridges.websockets import ALREADY_EMITTED, THINK_REPLACEMENT


class Voice:
    """The emit_* methods for classes without them. The bridge sets the turn before it calls the constructor.

    The class keeps its name: LegacyUse.what and a label of the metrics contain it.
    """

    _netra_turn: BridgeTurn | None = None

    @property
    def turn(self) -> BridgeTurn:
        if self._netra_turn is None:
            raise Defect(
                f"{type(self).__name__} can emit only as an agent of a run: use legacy.bridges.agent.bridge_agent"
            )
        return self._netra_turn

    @property
    def usage(self) -> UsageCounter:
        return self.turn.usage

    @mark_deprecated(ALREADY_EMITTED)
    async def emit_agent_started(self, message: object = None) -> bool:
        """Send the agent's own message; BaseAgent emits the event itself."""
        if isinstance(message, str):
            return await send_own_message(self.turn, message, "emit_agent_started")
        return self._acknowledge()

    @mark_deprecated(ALREADY_EMITTED)
    async def emit_tool_executing(self, tool_name: str, parameters: object = None) -> bool:
        return self._acknowledge()

    @mark_deprecated(ALREADY_EMITTED)
    async def emit_tool_completed(self, tool_name: str, result: object = None) -> bool:
        return self._acknowledge()

    @mark_deprecated(ALREADY_EMITTED)
    async def emit_agent_completed(self, result: object = None) -> bool:
        return self._acknowledge()

    @mark_deprecated(THINK_REPLACEMENT)
    async def emit_thinking(self, thought: object, step_number: int | None = None, **_: object) -> bool:
        return await send_own_message(self.turn, thought, "emit_thinking")

    @mark_deprecated(THINK_REPLACEMENT)
    async def emit_progress(self, content: object, is_complete: bool = False) -> bool:
        return await send_own_message(self.turn, content, "emit_progress")

    @mark_deprecated("core.exceptions.UserError or OperatorError: raise it")
    async def emit_error(self, message: object, error_type: str | None = None, **_: object) -> bool:
        return await send_own_message(self.turn, message, "emit_error")

    @mark_deprecated(THINK_REPLACEMENT)
    async def send_status_update(self, context: object, status: str, message: object = "") -> bool:
        """`context` is an object or a mapping with the run's ids, or the run's id."""
        if isinstance(context, str):
            require_own_id(self.turn, "run_id", context, "send_status_update")
        else:
            require_own_ids_in(self.turn, context, "send_status_update")
        return await send_own_message(self.turn, message or status, "send_status_update")

    @mark_deprecated("nothing instead: each agent gets its deps")
    def set_websocket_bridge(self, bridge: object, run_id: object = None) -> None:
        require_own_facade(self.turn, bridge, "set_websocket_bridge")
        if run_id is not None:
            require_own_id(self.turn, "run_id", run_id, "set_websocket_bridge")

    def _acknowledge(self) -> bool:
        self.turn.ensure_active()
        return True


class LegacyAgentBase(Voice):
    """Base class for teams' agents that need one. It ignores the arguments for what Netra does itself."""

    def __init__(  # noqa: PLR0917 - legacy code passes them by position
        self,
        llm_manager: Any = None,
        name: str = "",
        description: str = "",
        agent_id: str | None = None,
        user_id: str | None = None,
        enable_reliability: bool = False,
        enable_execution_engine: bool = False,
        enable_caching: bool = False,
        tool_dispatcher: Any = None,
        redis_manager: Any = None,
    ) -> None:
        self.llm_manager = llm_manager
        self.name = name
        self.description = description
        self.agent_id = agent_id
        self.user_id = user_id  # netra: allow[stored-user-id] the legacy API; the object lives for one turn
        self.tool_dispatcher = tool_dispatcher
        self.redis_manager = redis_manager
        self.context: dict[str, Any] = {}  # netra: allow[stored-context] the legacy API; the object lives for one turn
