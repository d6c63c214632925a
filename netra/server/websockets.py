"""Websocket frames are counted where daphne parses them, and a socket beyond its allowance is not read from.

Daphne hands every message to a queue without a bound, and answers pings and joins fragments before anything of ours
hears of them. One read of 64 KiB has room for 10,000 frames. So the count comes before the parsing: what is not taken
stays in that one buffer, and the transport is paused, so that the rest stays in TCP.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from realtime.inflow import Inflow
from realtime.limits import EXCESS_PAUSE

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
DISCARDED = 1024**2  # bytes that are thrown away after a close, before nothing more is read
DRIP = 1024  # bytes: a smaller piece of a frame that is not its end costs as much as a frame


class FrameGate:
    """One connection's, on the event loop."""

    def __init__(self, protocol: Any, inflow: Inflow) -> None:
        self._protocol = protocol
        self._inflow = inflow
        self._process = protocol.processData
        self._paused = False
        self._discarded = 0
        protocol.processData = self.process
        inflow.gated = True
        # What comes before the handshake is answered would be put together in memory.
        self.pause()

    def pause(self) -> None:
        self._paused = True
        if self._protocol.transport is not None:
            self._protocol.transport.pauseProducing()

    def process(self) -> bool:
        """Instead of autobahn's processData: whether it is to be called again at once."""
        if self._inflow.stopped:
            return self._discard()
        if self._paused:
            return False
        if self._costs() and not self._inflow.take():
            # `take` may have stopped it; a type checker cannot know.
            if bool(self._inflow.stopped):
                return self._discard()
            self.pause()
            asyncio.get_running_loop().call_later(EXCESS_PAUSE, self.resume)
            return False
        return bool(self._process())

    def _discard(self) -> bool:
        """Throw away what was on its way: left unread, it would reset the connection, and the close be lost."""
        self._discarded += len(self._protocol.data)
        self._protocol.data = b""
        if self._discarded > DISCARDED:
            self.pause()
        return False

    def resume(self) -> None:
        """Take what has waited, then read on."""
        if not self._paused or self._inflow.stopped or self._protocol.state == self._protocol.STATE_CLOSED:
            return
        self._paused = False
        self._protocol.consumeData()
        # `process` may have paused again; a type checker cannot know.
        if not bool(self._paused) and self._protocol.transport is not None:
            self._protocol.transport.resumeProducing()

    def _costs(self) -> bool:
        """Whether a frame begins, or a small piece of one has come."""
        waiting = len(self._protocol.data)
        frame = self._protocol.current_frame
        if frame is None:
            return waiting > 0
        missing: int = frame.length - self._protocol.current_frame_masker.pointer()
        return waiting < min(missing, DRIP)


def gate_frames(send: Send, protocol: Any, inflow: Inflow) -> Send:
    """Count frames where this protocol parses them, from the answer to the handshake on, which goes by this `send`.

    Another server's than daphne's is given back as it is.
    """
    if not hasattr(protocol, "processData"):
        return send
    gate = FrameGate(protocol, inflow)

    async def sending(message: MutableMapping[str, Any]) -> None:
        await send(message)
        if message["type"] == "websocket.accept":
            gate.resume()

    return sending
