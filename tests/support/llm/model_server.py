"""A language model's server on this machine: real HTTP and streaming, its answers from a script."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.llm.model_responses import Answer, Refusal, Request, Said, Script, Silence
from tests.support.llm.wire_formats import anthropic_stream, chat_json, chat_stream, error_body

LONGEST = 30  # seconds that a silent server holds a connection, if nobody ends it before


class ModelServer(ThreadingHTTPServer):
    """`requests` is what came in, in order: all that has left the machine. `script` may be changed at any time."""

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.gate: Callable[[Request], None] = lambda request: None  # what a request waits for before it is heard
        self.requests: list[Request] = []
        self.hanging = threading.Semaphore(0)  # released once for every answer that begins to hang
        self.going_on = threading.Event()
        self._lock = threading.Lock()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def hear(self, request: Request) -> Said:
        self.gate(request)
        with self._lock:
            self.requests.append(request)
            return self.script(request)

    def hang(self) -> None:
        self.hanging.release()
        self.going_on.wait(LONGEST)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ModelServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(body=body, headers=headers, connection=self.client_address[1])
        try:
            self._answer(self.server.hear(request), request)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client went away, which is its right

    def _answer(self, said: Said, request: Request) -> None:
        if isinstance(said, Refusal):
            self._send(said.status, json.dumps(error_body(said)).encode(), dict(said.headers))
        elif isinstance(said, Silence):
            self.server.hang()
            self._stream(chat_stream(Answer(text=said.late), request), Answer())
        elif request.body.get("stream"):
            wire = anthropic_stream if self.path.endswith("/messages") else chat_stream
            self._stream(wire(said, request), said, wire(Answer(text=said.late), request))
        else:
            self._send(200, chat_json(said, request), {})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _stream(self, events: Iterable[bytes], said: Answer, late: Iterable[bytes] = ()) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for event in events:
            time.sleep(said.pause)
            self._chunk(event)
        if said.then == "drop":
            self.close_connection = True
            return
        if said.then == "hang":
            self.server.hang()
            for event in late:
                self._chunk(event)
        self._chunk(b"")

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def log_message(self, format: str, *arguments: Any) -> None:
        pass  # pytest's output is for failures


@contextmanager
def serving(script: Script) -> Iterator[ModelServer]:
    with ModelServer(script) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="model-server")
        thread.start()
        try:
            yield server
        finally:
            server.going_on.set()
            server.shutdown()
            thread.join()
