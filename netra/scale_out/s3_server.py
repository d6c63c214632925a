"""`python -m netra.scale_out.s3_server PORT FILE`: moto's S3 server, whose objects outlive it.

moto keeps them in memory. Each change is appended to the file, too, and made again at the next start. For trying things
out: the file only grows. Nothing else imports this, as moto is there for developers only."""

import base64
import json
import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import run_simple
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

CHANGES = ("PUT", "POST", "DELETE")
OWNER = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=none/20260101/us-east-1/s3/aws4_request, SignedHeaders=, Signature="
}
"""Of requests that are made here: the server refuses strangers, and checks no signature."""


class RecordedServer:
    """A WSGI application in front of the server that records what changes its objects."""

    def __init__(self, server: Any, record: Path) -> None:
        self._server = server
        self._record = record
        self._lock = Lock()  # they are recorded in the order in which they are made

    def restore(self) -> None:
        """Make all recorded changes again."""
        client = Client(self._server)
        with self._record.open("a+") as lines:
            lines.seek(0)
            for line in lines:
                change = json.loads(line)
                body = base64.b64decode(change["body"])
                done = client.open(change["path"], method=change["method"], data=body, headers=OWNER)
                if done.status_code >= 300:
                    raise OSError(f"{change['method']} {change['path']} could not be made again: {done.status}")

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        if request.method not in CHANGES:
            return self._server(environ, start_response)  # type: ignore[no-any-return]
        body = request.get_data()
        with self._lock:
            response = Response.from_app(self._server, environ | {"wsgi.input": BytesIO(body)}, buffered=True)
            if response.status_code < 300:
                self._append(request, body)
        return response(environ, start_response)

    def _append(self, request: Request, body: bytes) -> None:
        method, path = request.method, str(request.environ["REQUEST_URI"])
        if "uploadId" in request.args:
            if method != "POST":
                return  # one of several parts, or their end
            # The number of an upload is another one next time: it is recorded as the object that it has become.
            method, path = "PUT", path.partition("?")[0]
            body = Client(self._server).get(path, headers=OWNER).get_data()
        elif "uploads" in request.args:
            return
        with self._record.open("a") as lines:
            change = {"method": method, "path": path, "body": base64.b64encode(body).decode()}
            lines.write(json.dumps(change) + "\n")


def main(port: int, record: Path) -> None:
    server = RecordedServer(DomainDispatcherApplication(create_backend_app), record)
    server.restore()
    run_simple("127.0.0.1", port, server, threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
