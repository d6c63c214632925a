"""A proxy between a client and a server on loopback that makes the faults of a network, and of a store that is ill."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal

CHUNK = 1 << 16
REASONS = {503: "Slow Down", 507: "Insufficient Storage"}

Fault = Literal["none", "refused", "silent", "cut", "status"]
"""`refused`: connections end at once. `silent`: nothing is answered. `cut`: each answer ends after a few bytes.
`status`: each request is answered with `status`."""


@dataclass(slots=True)
class FaultProxy:
    """`url` is where a client connects. A fault ends the connections that are open."""

    port: int
    target: tuple[str, int]
    fault: Fault = "none"
    status: int = 503
    requests: int = 0
    _open: set[socket.socket] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def set_fault(self, fault: Fault, *, status: int = 503) -> None:
        self.fault, self.status = fault, status
        self.end_connections()

    def end_connections(self) -> None:
        with self._lock:
            for each in self._open:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def serve(self, client: socket.socket) -> None:
        with self._following(client):
            match self.fault:
                case "refused":
                    return
                case "silent":
                    while client.recv(CHUNK):
                        pass
                case "status":
                    self._answer(client)
                case _:
                    self._forward(client)

    def _answer(self, client: socket.socket) -> None:
        """Answer one request, when all of it has arrived: its body's end is known by its length."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += (more := client.recv(CHUNK))
            if not more:
                return
        self.requests += 1
        head, _, body = received.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        missing = int(lengths[0]) - len(body) if lengths else 0
        while missing > 0 and (more := client.recv(CHUNK)):
            missing -= len(more)
        line = f"HTTP/1.1 {self.status} {REASONS[self.status]}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        client.sendall(line.encode())

    def _forward(self, client: socket.socket) -> None:
        with socket.create_connection(self.target) as server, self._following(server):
            up = threading.Thread(target=self._pump, args=(client, server), daemon=True)
            up.start()
            self._pump(server, client, most=40 if self.fault == "cut" else None)
            for each in (client, server):
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
            up.join()

    def _pump(self, source: socket.socket, target: socket.socket, most: int | None = None) -> None:
        with suppress(OSError):
            while chunk := source.recv(CHUNK):
                target.sendall(chunk if most is None else chunk[:most])
                if most is not None:
                    return

    @contextmanager
    def _following(self, each: socket.socket) -> Iterator[None]:
        with self._lock:
            self._open.add(each)
        try:
            with suppress(OSError):
                yield
        finally:
            with self._lock:
                self._open.discard(each)
            each.close()


@contextmanager
def fault_proxy(port: int) -> Iterator[FaultProxy]:
    """Run a proxy in front of a port on loopback, without a fault at first."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = FaultProxy(listener.getsockname()[1], ("127.0.0.1", port))

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    threading.Thread(target=proxy.serve, args=(client,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield proxy
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            proxy.end_connections()
