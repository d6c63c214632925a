"""One request over a socket of its own, with exactly the bytes that a test wants, and its answer."""

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPResponse
from urllib.parse import urlsplit

from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def cookies(self) -> dict[str, str]:
        pairs = (value.partition(";")[0] for key, value in self.headers if key.lower() == "set-cookie")
        return dict(pair.split("=", 1) for pair in pairs)

    @property
    def all_text(self) -> str:
        return "\n".join(value for _, value in self.headers) + self.body.decode("utf-8", "replace")


def open_connection(server: LiveServer, seconds: float = PATIENCE) -> socket.socket:
    where = urlsplit(server.origin)
    return socket.create_connection((str(where.hostname), where.port or 80), timeout=seconds)


def head(method: str, target: str, headers: Headers) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def answer_on(connection: socket.socket, method: str = "GET") -> Answer:
    response = HTTPResponse(connection, method=method)
    response.begin()
    return Answer(response.status, tuple(response.getheaders()), response.read())


def exchange(server: LiveServer, method: str, target: str, headers: Headers = (), body: bytes = b"") -> Answer:
    """`headers` replace those of the same name that any client sends."""
    given = [(name, value) for name, value in headers]
    named = {name.lower() for name, _ in given}
    usual = [("Host", urlsplit(server.origin).netloc), ("Connection", "close"), ("Content-Length", str(len(body)))]
    sent = [(name, value) for name, value in usual if name.lower() not in named] + given
    with open_connection(server) as connection:
        connection.sendall(head(method, target, sent) + body)
        return answer_on(connection, method)
