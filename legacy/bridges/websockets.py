"""The old WebSocketManager, bound to one turn: a user is only ever told their own things, by Netra's own stream.

There are no sockets behind it. What is sent becomes an agent_thinking event of the run, which every open device of the
user gets, and which those that come later find.
"""

from typing import Any, NoReturn

from legacy.bridges.own import require_own, require_own_names
from legacy.bridges.turn import Turn, as_id
from legacy.bridges.wording import parts_of, worded
from legacy.deprecations.deprecated import deprecated
from legacy.deprecations.uses import Uses
from netra.core.exceptions import BadInput, Defect, IsolationViolation
from netra.language.text import text

INSTEAD = "BaseAgent.think, which tells the user of this run"
NOTHING_GLOBAL = (
    "There is no WebSocketManager of the process: it could tell anybody anything. An agent that is bridged "
    "(legacy.bridges.agent.bridged) finds its own run's as self.websocket_manager."
)


class WebSocketManager:
    """Made by the bridge, for one turn of one agent; any other way of getting one raises."""

    def __init__(self, turn: Turn | None = None) -> None:
        if not isinstance(turn, Turn):
            raise Defect(NOTHING_GLOBAL)
        self.turn = turn
        self.connected = 0

    @property
    def uses(self) -> Uses:
        return self.turn.uses

    @deprecated("nothing: sockets are connected by realtime, before a run begins")
    async def connect_user(
        self, user_id: object, websocket: object, thread_id: object = None, client_ip: str | None = None
    ) -> str:
        """The connection's id. The socket itself is not kept: it is realtime's."""
        require_own(self.turn, "user_id", user_id, "WebSocketManager.connect_user")
        if thread_id is not None:
            require_own(self.turn, "thread_id", thread_id, "WebSocketManager.connect_user")
        if websocket is None:
            raise BadInput(text("there is no websocket to connect"))
        self.connected += 1
        return str(self.turn.context.connection_id)

    @deprecated("nothing: sockets are closed by realtime")
    async def disconnect_user(self, user_id: object, websocket: object, code: int = 1000, reason: str = "") -> None:
        require_own(self.turn, "user_id", user_id, "WebSocketManager.disconnect_user")
        self.connected = max(0, self.connected - 1)

    @deprecated(INSTEAD)
    async def send_to_user(
        self,
        user_id: object,
        message: object,
        retry: bool = True,
        priority: object = None,
        require_confirmation: bool = False,
    ) -> bool:
        """Whether it was taken into the user's stream, which is durable; so there is nothing to retry or confirm."""
        return await self._send(user_id, message, "WebSocketManager.send_to_user")

    @deprecated(INSTEAD)
    async def send_message(self, user_id: object, message: object, *_: object, **__: object) -> bool:
        return await self._send(user_id, message, "WebSocketManager.send_message")

    @deprecated(INSTEAD)
    async def send_to_thread(self, thread_id: object, message: object) -> bool:
        require_own(self.turn, "thread_id", thread_id, "WebSocketManager.send_to_thread")
        return await self._told(message, "WebSocketManager.send_to_thread")

    @deprecated("nothing: a run belongs to one conversation")
    async def update_connection_thread(self, user_or_connection_id: object, thread_id: object) -> bool:
        where = "WebSocketManager.update_connection_thread"
        connection = as_id(user_or_connection_id) == self.turn.context.connection_id
        require_own(self.turn, "connection_id" if connection else "user_id", user_or_connection_id, where)
        require_own(self.turn, "thread_id", thread_id, where)
        return True

    @deprecated("an announcement by whoever runs the installation; agents speak to one user")
    async def broadcast_message(self, message: object, user_id: object = None, room_id: object = None) -> NoReturn:
        """Refused, whoever it names: what an agent says is one user's."""
        if user_id is not None:
            require_own(self.turn, "user_id", user_id, "WebSocketManager.broadcast_message")
        raise refused_broadcast()

    @deprecated("the server's own measures (/metrics)")
    def get_stats(self) -> dict[str, Any]:
        """Of this turn only."""
        self.turn.here()
        return {"active_connections": self.connected, "total_messages": self.turn.told}

    async def _send(self, user_id: object, message: object, where: str) -> bool:
        require_own(self.turn, "user_id", user_id, where)
        return await self._told(message, where)

    async def _told(self, message: object, where: str) -> bool:
        for part in parts_of(message):
            require_own_names(self.turn, part, where)
        return await self.turn.tell(worded(message))


def refused_broadcast() -> IsolationViolation:
    return IsolationViolation("A broadcast reaches other users, and was refused. Send to the own user instead.")


def get_websocket_manager(*_: object, **__: object) -> NoReturn:
    raise Defect(NOTHING_GLOBAL)


async def broadcast_message(message: object, user_id: object = None, room_id: object = None) -> NoReturn:
    raise refused_broadcast()


def websocket_context(*_: object, **__: object) -> NoReturn:
    raise Defect(NOTHING_GLOBAL)


def get_stats() -> NoReturn:
    raise Defect(NOTHING_GLOBAL)
