"""Limits and close codes on daphne's websocket protocol.

Daphne queues every message without a bound, and answers pings and joins fragments before the application sees them. So frames are counted before they
are parsed: what is over the limit stays in one buffer, and the transport is paused. Autobahn refuses to send the close codes 1011 and 1012
for an application: they are sent past it."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any

from realtime.limits import EXCESS_PAUSE
from realtime.rate_limits import FrameRateLimiter

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
SERVER_CLOSE_CODES = (1011, 1012)


def get_protocol(send: Send) -> Any:
    """Daphne's protocol behind a scope's `send`; None with another server."""
    return send.args[0] if isinstance(send, partial) and send.args else None


def send_server_close_codes(send: Send) -> Send:
    """`send` of a websocket's scope; another server's than daphne's is given back as it is."""
    protocol = get_protocol(send)
    if not hasattr(protocol, "sendCloseFrame"):
        return send
    protocol.failByDrop = False

    async def sending(message: MutableMapping[str, Any]) -> None:
        code = message.get("code")
        if (
            message["type"] == "websocket.close"
            and code in SERVER_CLOSE_CODES
            and protocol.state == protocol.STATE_OPEN
        ):
            protocol.sendCloseFrame(code=code)
        else:
            await send(message)

    return sending


MAX_DISCARDED_BYTES = 1024**2  # bytes that are thrown away after a close, before nothing more is read
MIN_PIECE_BYTES = 1024  # bytes: a smaller piece of a frame that is not its end costs as much as a frame


class FrameThrottle:
    """One connection's, on the event loop."""

    def __init__(self, protocol: Any, inflow: FrameRateLimiter) -> None:
        self._protocol = protocol
        self._inflow = inflow
        self._parse_frames = protocol.processData
        self._is_paused = False
        self._discarded_bytes = 0
        protocol.processData = self.process_data
        inflow.is_counted_upstream = True
        # What comes before the handshake is answered would be put together in memory.
        self.pause()

    def pause(self) -> None:
        self._is_paused = True
        if self._protocol.transport is not None:
            self._protocol.transport.pauseProducing()

    def process_data(self) -> bool:
        """Instead of autobahn's processData: whether it is to be called again at once."""
        if self._inflow.is_stopped:
            return self._discard()
        if self._is_paused:
            return False
        if self._is_counted() and not self._inflow.take():
            # `take` may have stopped it; a type checker cannot know.
            if bool(self._inflow.is_stopped):
                return self._discard()
            self.pause()
            asyncio.get_running_loop().call_later(EXCESS_PAUSE, self.resume)
            return False
        return bool(self._parse_frames())

    def _discard(self) -> bool:
        """Throw away what was on its way: left unread, it would reset the connection, and the close be lost."""
        self._discarded_bytes += len(self._protocol.data)
        self._protocol.data = b""
        if self._discarded_bytes > MAX_DISCARDED_BYTES:
            self.pause()
        return False

    def resume(self) -> None:
        """Take what has waited, then read on."""
        if not self._is_paused or self._inflow.is_stopped or self._protocol.state == self._protocol.STATE_CLOSED:
            return
        self._is_paused = False
        self._protocol.consumeData()
        # `process` may have paused again; a type checker cannot know.
        if not bool(self._is_paused) and self._protocol.transport is not None:
            self._protocol.transport.resumeProducing()

    def _is_counted(self) -> bool:
        """Whether a frame begins, or a small piece of one has come."""
        waiting = len(self._protocol.data)
        frame = self._protocol.current_frame
        if frame is None:
            return waiting > 0
        missing: int = frame.length - self._protocol.current_frame_masker.pointer()
        return waiting < min(missing, MIN_PIECE_BYTES)


def throttle_frames(send: Send, protocol: Any, inflow: FrameRateLimiter) -> Send:
    """Count frames where this protocol parses them, from the answer to the handshake on, which goes by this `send`.

    Another server's than daphne's is given back as it is.
    """
    if not hasattr(protocol, "processData"):
        return send
    gate = FrameThrottle(protocol, inflow)

    async def sending(message: MutableMapping[str, Any]) -> None:
        await send(message)
        if message["type"] == "websocket.accept":
            gate.resume()

    return sending
