from netra.core.context import UserExecutionContext
from netra.core.exceptions import InvalidContext
from realtime.emitter import UserWebSocketEmitter
from realtime.writer import StreamWriter


class WebSocketBridgeFactory:
    """Makes each run's emitter. Holds the process's writer, and nothing of any user."""

    def __init__(self, writer: StreamWriter) -> None:
        self._writer = writer

    def for_context(self, context: UserExecutionContext) -> UserWebSocketEmitter:
        if not isinstance(context, UserExecutionContext):
            raise InvalidContext(f"an emitter needs a UserExecutionContext, not {type(context).__name__}")
        return UserWebSocketEmitter(context, self._writer)
