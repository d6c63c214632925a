"""A client that opens a socket, asks for its stream, and then does not read: neither here nor in the kernel."""

import json
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.uri import parse_uri

from tests.faults.clients.listener import ReceivedStream
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE

BUFFER = 4096  # bytes that the kernel keeps for it, about
QUIET = 1.0  # seconds after which nothing more comes


class Deaf:
    def __init__(self, server: LiveServer, told: ReceivedStream) -> None:
        self.told = told
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._socket.settimeout(PATIENCE)
        where = urlsplit(server.origin)
        self._socket.connect((where.hostname, where.port))
        self._protocol = ClientProtocol(parse_uri(server.websocket), max_size=None)
        request = self._protocol.connect()
        request.headers["Authorization"] = f"Token {told.person.token}"
        self._protocol.send_request(request)
        self._flush()
        self._frames: list[dict[str, Any]] = []
        told.epoch = self.next("welcome")["position"]["epoch"]
        self.say(type="resume", epoch=told.epoch, seq=0)

    def read_until(self, upto: int) -> None:
        """Hear again: read, and acknowledge, up to a number."""
        while self.told.upto < upto:
            self.told.add(self.next("events"))
            self.say(type="ack", epoch=self.told.epoch, seq=self.told.upto)

    def read_what_is_there(self) -> None:
        """Read without acknowledging, until nothing more comes."""
        self._socket.settimeout(QUIET)
        with suppress(TimeoutError):
            while True:
                self.told.add(self.next("events"))

    def say(self, **frame: Any) -> None:
        self._protocol.send_text(json.dumps(frame).encode())
        self._flush()

    def leave(self) -> None:
        self._socket.close()

    def next(self, kind: str) -> dict[str, Any]:
        while True:
            while self._frames:
                frame = self._frames.pop(0)
                if frame["type"] == kind:
                    return frame
            data = self._socket.recv(1 << 16)
            assert data, "the server has closed the socket"
            self._protocol.receive_data(data)
            for event in self._protocol.events_received():
                if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                    assert event.fin
                    self._frames.append(json.loads(bytes(event.data)))

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            with suppress(BrokenPipeError):
                self._socket.sendall(data)
