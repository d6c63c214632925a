"""Limits and close codes on daphne's websocket protocol.

Daphne queues every message without a bound, and answers pings and joins fragments before the application sees them. So
frames are counted before they are parsed: what is over the limit stays in one buffer, and the transport is paused.
Autobahn refuses to send the close codes 1011 and 1012 for an application, so they bypass it."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any

from realtime.limits import EXCESS_PAUSE, FrameRateLimiter

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
SERVER_CLOSE_CODES = (1011, 1012)


def get_protocol(send: Send) -> Any:
    """Return daphne's protocol behind a scope's `send`; None with another server."""
    return send.args[0] if isinstance(send, partial) and send.args else None


def send_server_close_codes(send: Send) -> Send:
    """Return a `send` of a websocket's scope that can send the server's close codes.

    With another server than daphne it is returned unchanged.
    """
    protocol = get_protocol(send)
    if not hasattr(protocol, "sendCloseFrame"):
        return send
    protocol.failByDrop = False

    async def send_or_close(message: MutableMapping[str, Any]) -> None:
        code = message.get("code")
        if (
            message["type"] == "websocket.close"
            and code in SERVER_CLOSE_CODES
            and protocol.state == protocol.STATE_OPEN
        ):
            protocol.sendCloseFrame(code=code)
        else:
            await send(message)

    return send_or_close


MAX_DISCARDED_BYTES = 1024**2  # that are read and discarded after a close; then reading stops
MIN_PIECE_BYTES = 1024  # a smaller piece of a frame, unless it is its end, counts as a frame


class FrameThrottle:
    """Counts the frames of one connection, on the event loop."""

    def __init__(self, protocol: Any, limiter: FrameRateLimiter) -> None:
        self._protocol = protocol
        self._limiter = limiter
        self._parse_frames = protocol.processData
        self._is_paused = False
        self._discarded_bytes = 0
        protocol.processData = self.process_data
        limiter.is_counted_upstream = True
        # Frames that arrive before the handshake is answered would be collected in memory.
        self.pause()

    def pause(self) -> None:
        self._is_paused = True
        if self._protocol.transport is not None:
            self._protocol.transport.pauseProducing()

    def process_data(self) -> bool:
        """Replace autobahn's processData: return whether it should be called again at once."""
        if self._limiter.is_stopped:
            return self._discard()
        if self._is_paused:
            return False
        if self._is_counted() and not self._limiter.take():
            # `take` may have stopped it, which a type checker cannot know.
            if bool(self._limiter.is_stopped):
                return self._discard()
            self.pause()
            asyncio.get_running_loop().call_later(EXCESS_PAUSE, self.resume)
            return False
        return bool(self._parse_frames())

    def _discard(self) -> bool:
        """Discard what still arrives: left unread, it would reset the connection and the close frame be lost."""
        self._discarded_bytes += len(self._protocol.data)
        self._protocol.data = b""
        if self._discarded_bytes > MAX_DISCARDED_BYTES:
            self.pause()
        return False

    def resume(self) -> None:
        """Parse what has been buffered, then read on."""
        if not self._is_paused or self._limiter.is_stopped or self._protocol.state == self._protocol.STATE_CLOSED:
            return
        self._is_paused = False
        self._protocol.consumeData()
        # `process_data` may have paused again, which a type checker cannot know.
        if not bool(self._is_paused) and self._protocol.transport is not None:
            self._protocol.transport.resumeProducing()

    def _is_counted(self) -> bool:
        """Whether the buffered data begins a frame, or is a small piece of one."""
        buffered = len(self._protocol.data)
        frame = self._protocol.current_frame
        if frame is None:
            return buffered > 0
        missing: int = frame.length - self._protocol.current_frame_masker.pointer()
        return buffered < min(missing, MIN_PIECE_BYTES)


def throttle_frames(send: Send, protocol: Any, limiter: FrameRateLimiter) -> Send:
    """Return a `send` from whose answer to the handshake on frames are counted before the protocol parses them.

    With another server than daphne it is returned unchanged.
    """
    if not hasattr(protocol, "processData"):
        return send
    throttle = FrameThrottle(protocol, limiter)

    async def send_and_resume(message: MutableMapping[str, Any]) -> None:
        await send(message)
        if message["type"] == "websocket.accept":
            throttle.resume()

    return send_and_resume
