"""The legacy WebSocketManager and websocket bridge, bound to one turn.
No sockets are behind them: a message becomes an agent_thinking event of the run; started and completed events
are only checked, because BaseAgent and the dispatcher already emit them."""

from typing import Any, NoReturn

from core.exceptions import BadInput, Defect, IsolationViolation
from core.i18n.text import text
from legacy.bridges.deprecation import UsageCounter, mark_deprecated
from legacy.bridges.messages import get_message_text, require_own_message_ids, send_own_message, to_redacted_json
from legacy.bridges.ownership import require_own_id
from legacy.bridges.turn import BridgeTurn, to_uuid

SEND_REPLACEMENT = "BaseAgent.think, which sends to the user of this run"
NO_GLOBAL_MANAGER = (
    "There is no global WebSocketManager, because it could send to any user. A bridged agent "
    "(legacy.bridges.agent.bridge_agent) has its run's manager in self.websocket_manager."
)
ALREADY_EMITTED = "nothing instead: BaseAgent and the dispatcher emit these events"
THINK_REPLACEMENT = "BaseAgent.think"


class WebSocketManager:
    """The facade for one turn of one agent. Only the bridge creates it; anything else that returns one raises."""

    def __init__(self, turn: BridgeTurn | None = None) -> None:
        if not isinstance(turn, BridgeTurn):
            raise Defect(NO_GLOBAL_MANAGER)
        self.turn = turn
        self.connected = 0

    @property
    def usage(self) -> UsageCounter:
        return self.turn.usage

    @mark_deprecated("nothing instead: realtime connects sockets before a run starts")
    async def connect_user(
        self, user_id: object, websocket: object, thread_id: object = None, client_ip: str | None = None
    ) -> str:
        """Return the connection's id. The socket is not stored: it belongs to realtime."""
        require_own_id(self.turn, "user_id", user_id, "WebSocketManager.connect_user")
        if thread_id is not None:
            require_own_id(self.turn, "thread_id", thread_id, "WebSocketManager.connect_user")
        if websocket is None:
            raise BadInput(text("The websocket is missing."))
        self.connected += 1
        return str(self.turn.context.connection_id)

    @mark_deprecated("nothing instead: realtime closes sockets")
    async def disconnect_user(self, user_id: object, websocket: object, code: int = 1000, reason: str = "") -> None:
        require_own_id(self.turn, "user_id", user_id, "WebSocketManager.disconnect_user")
        self.connected = max(0, self.connected - 1)

    @mark_deprecated(SEND_REPLACEMENT)
    async def send_to_user(
        self,
        user_id: object,
        message: object,
        retry: bool = True,
        priority: object = None,
        require_confirmation: bool = False,
    ) -> bool:
        """Return whether it was appended to the user's stream, which is durable: no retry or confirmation is needed."""
        return await self._send_to_user(user_id, message, "WebSocketManager.send_to_user")

    @mark_deprecated(SEND_REPLACEMENT)
    async def send_message(self, user_id: object, message: object, *_: object, **__: object) -> bool:
        return await self._send_to_user(user_id, message, "WebSocketManager.send_message")

    @mark_deprecated(SEND_REPLACEMENT)
    async def send_to_thread(self, thread_id: object, message: object) -> bool:
        require_own_id(self.turn, "thread_id", thread_id, "WebSocketManager.send_to_thread")
        return await send_own_message(self.turn, message, "WebSocketManager.send_to_thread")

    @mark_deprecated("nothing instead: a run belongs to one conversation")
    async def update_connection_thread(self, user_or_connection_id: object, thread_id: object) -> bool:
        where = "WebSocketManager.update_connection_thread"
        connection = to_uuid(user_or_connection_id) == self.turn.context.connection_id
        require_own_id(self.turn, "connection_id" if connection else "user_id", user_or_connection_id, where)
        require_own_id(self.turn, "thread_id", thread_id, where)
        return True

    @mark_deprecated("nothing instead: agents send to one user")
    async def broadcast_message(self, message: object, user_id: object = None, room_id: object = None) -> NoReturn:
        """Raises IsolationViolation for any recipient: an agent sends to one user."""
        if user_id is not None:
            require_own_id(self.turn, "user_id", user_id, "WebSocketManager.broadcast_message")
        raise build_broadcast_violation()

    @mark_deprecated("the server's metrics (/metrics)")
    def get_stats(self) -> dict[str, Any]:
        """Return the figures of this turn only."""
        self.turn.ensure_active()
        return {"active_connections": self.connected, "total_messages": self.turn.thought_count}

    async def _send_to_user(self, user_id: object, message: object, where: str) -> bool:
        require_own_id(self.turn, "user_id", user_id, where)
        return await send_own_message(self.turn, message, where)


def build_broadcast_violation() -> IsolationViolation:
    return IsolationViolation(
        "The broadcast was refused, because it would reach other users. Send to the run's own user instead."
    )


def get_websocket_manager(*_: object, **__: object) -> NoReturn:
    raise Defect(NO_GLOBAL_MANAGER)


async def broadcast_message(message: object, user_id: object = None, room_id: object = None) -> NoReturn:
    raise build_broadcast_violation()


def websocket_context(*_: object, **__: object) -> NoReturn:
    raise Defect(NO_GLOBAL_MANAGER)


def get_stats() -> NoReturn:
    raise Defect(NO_GLOBAL_MANAGER)


class WebSocketBridge:
    def __init__(self, turn: BridgeTurn | None = None) -> None:
        if not isinstance(turn, BridgeTurn):
            raise Defect(NO_GLOBAL_MANAGER)
        self.turn = turn

    @property
    def usage(self) -> UsageCounter:
        return self.turn.usage

    @mark_deprecated(ALREADY_EMITTED)
    async def notify_agent_started(self, run_id: object, agent_name: str, *_: Any, **details: Any) -> bool:
        return self._check_own(run_id, details, "notify_agent_started")

    @mark_deprecated(ALREADY_EMITTED)
    async def notify_tool_executing(self, run_id: object, agent_name: str, *_: Any, **details: Any) -> bool:
        return self._check_own(run_id, details, "notify_tool_executing")

    @mark_deprecated(ALREADY_EMITTED)
    async def notify_tool_completed(self, run_id: object, agent_name: str, *_: Any, **details: Any) -> bool:
        return self._check_own(run_id, details, "notify_tool_completed")

    @mark_deprecated(ALREADY_EMITTED)
    async def notify_agent_completed(self, run_id: object, agent_name: str, *_: Any, **details: Any) -> bool:
        return self._check_own(run_id, details, "notify_agent_completed")

    @mark_deprecated(THINK_REPLACEMENT)
    async def notify_agent_thinking(
        self, run_id: object, agent_name: str, reasoning: object = "", *_: Any, **details: Any
    ) -> bool:
        return await self._send_checked(run_id, reasoning, details, "notify_agent_thinking")

    @mark_deprecated("core.exceptions.UserError or OperatorError: raise it")
    async def notify_agent_error(
        self, run_id: object, agent_name: str, error: object = "", *_: Any, **details: Any
    ) -> bool:
        return await self._send_checked(run_id, str(error), details, "notify_agent_error")

    @mark_deprecated(THINK_REPLACEMENT)
    async def notify_progress_update(
        self, run_id: object, agent_name: str, progress: object = None, *_: Any, **details: Any
    ) -> bool:
        return await self._send_checked(run_id, progress, details, "notify_progress_update")

    @mark_deprecated(THINK_REPLACEMENT)
    async def notify_custom(
        self, run_id: object, agent_name: str, notification_type: str = "", data: object = None, **details: Any
    ) -> bool:
        return await self._send_checked(run_id, data, details, "notify_custom")

    def _check_own(self, run_id: object, details: object, where: str) -> bool:
        require_own_id(self.turn, "run_id", run_id, where)
        require_own_message_ids(self.turn, details, where)
        return True

    async def _send_checked(self, run_id: object, message: object, details: dict[str, Any], where: str) -> bool:
        self._check_own(run_id, details, where)
        require_own_message_ids(self.turn, message, where)
        return await self.turn.send_thought(get_message_text(message) or to_redacted_json(message))
