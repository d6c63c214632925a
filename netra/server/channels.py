"""A connection's HTTP, as twisted parses it, with limits where bytes arrive.

Twisted puts a body of any length into a file and asks the application once it is whole. Here the headers decide: what
is too long, or of no announced length, is answered before its first byte, and what follows is thrown away.
"""

from typing import Any

from twisted.web import http

from netra.core.networks import narrow_network
from netra.server.bodies import body_limit, decoded_path
from netra.server.connections import Connection
from netra.server.limits import (
    BODY_BYTES_PER_SECOND,
    BODY_SECONDS,
    HEADER_BYTES,
    HEADER_SECONDS,
    HEADERS,
    LINGER_BYTES,
    LINGER_SECONDS,
)
from netra.server.refusals import (
    Refusal,
    headers_too_long,
    no_length,
    no_room,
    too_large,
    too_many_connections,
    too_slow,
)
from netra.server.write_buffers import WriteBuffer

_HTTPChannel: Any = http.HTTPChannel  # twisted gives its methods no types
LENGTH_DIGITS = 18


class LimitedHTTPChannel(_HTTPChannel):  # type: ignore[misc]
    """`factory` has `proxies`, `budget`, `register` and `session_cookie`; `connection` is set by who makes it."""

    connection: Connection

    length: Any  # None where the headers do not say
    maxHeaders = HEADERS
    totalHeadersSize = HEADER_BYTES
    abortTimeout = LINGER_SECONDS

    def connectionMade(self) -> None:
        self.connection.output = self._output = WriteBuffer(self.transport, self.callLater)
        self.factory.register.attach(self.connection, self.transport)
        super().connectionMade()
        self.address = narrow_network(self._peer() or "")
        self._refused = False
        self._discarded = 0
        self._begun = False
        self._deadline: Any = None
        self._reserved: tuple[str, int] | None = None
        self._allow(HEADER_SECONDS)

    def dataReceived(self, data: bytes) -> None:
        if self._refused:
            self._discard(len(data))
            return
        self._begun = True
        if self._deadline is None and not self._handlingRequest:
            self._allow(HEADER_SECONDS)
        super().dataReceived(data)

    def rawDataReceived(self, data: bytes) -> None:
        if self._refused:
            self._discard(len(data))
        else:
            super().rawDataReceived(data)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Twisted would end the connection without a word."""
        self.clearLineBuffer()
        if not self._refused:
            self.refuse(headers_too_long())

    def _maybeChooseTransferDecoder(self, header: bytes, data: bytes) -> bool:
        if header == b"Content-Length" and len(data) > LENGTH_DIGITS:
            return bool(self._failChooseTransferDecoder())
        return bool(super()._maybeChooseTransferDecoder(header, data))

    def allHeadersReceived(self) -> None:
        """Decide on the body, before there is a file for it."""
        headers = self.requests[-1].requestHeaders
        headers.removeHeader(b"Daphne-Root-Path")  # never believed, and daphne fails on one that is not ASCII
        self.address = narrow_network(self._client(headers) or "")
        refusal = self._check_connection() or self._check_body(headers)
        if refusal is not None:
            self.refuse(refusal)
            return
        self._allow(BODY_SECONDS + self.length / BODY_BYTES_PER_SECOND)
        super().allHeadersReceived()

    def allContentReceived(self) -> None:
        self._allow(None)
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:
        self._release()
        self._begun = False
        if self.factory.proxies.trusts(self._peer()):
            self.connection.serve_nobody()
        if self.connection.closing:
            self.persistent = False
        super().requestDone(request)

    def pauseProducing(self) -> None:
        super().pauseProducing()
        self._output.pauseProducing()

    def resumeProducing(self) -> None:
        super().resumeProducing()
        self._output.resumeProducing()

    def loseConnection(self) -> None:
        super().loseConnection()
        self._output.finish()

    def connectionLost(self, reason: Any) -> None:
        self._allow(None)
        self._release()
        self.connection.end()
        super().connectionLost(reason)

    def refuse(self, refusal: Refusal) -> None:
        """Answer instead of the application, and close once the client has had a chance to read it."""
        language = b""
        if self.requests:
            language = self.requests[-1].requestHeaders.getRawHeaders(b"Accept-Language", [b""])[0]
        self._refused = True
        self.length = None  # what follows is no line any more
        self.setTimeout(None)
        self._allow(None)
        self.transport.write(refusal.to_bytes(language.decode("latin-1")))
        self._networkProducer.unregisterProducer()
        # Closed at once, what still arrives would make the kernel take the answer back.
        self.transport.loseWriteConnection()
        self._deadline = self.callLater(LINGER_SECONDS, self._abort)

    def _check_connection(self) -> Refusal | None:
        """Behind a proxy only now is it known whose connection this is."""
        counted = not self.factory.proxies.trusts(self._peer()) or self.connection.assign_address(self.address)
        return None if counted else too_many_connections()

    def _check_body(self, headers: Any) -> Refusal | None:
        if headers.hasHeader(b"Transfer-Encoding"):
            return no_length()
        limit = self._body_limit(headers)
        if self.length > limit:
            return too_large(limit)
        if self.length and not self.factory.budget.reserve(self.address, self.length):
            return no_room()
        self._reserved = (self.address, self.length) if self.length else None
        return None

    def _body_limit(self, headers: Any) -> int:
        if _asks_for_websocket(headers):
            return 0  # daphne would take it for frames that came before the handshake, and never end the request
        method, path = self._command.decode("ascii", "replace"), decoded_path(self._path)
        return body_limit(method, path, has_credentials=_has_credentials(headers, self.factory.session_cookie))

    def _discard(self, size: int) -> None:
        self._discarded += size
        if self._discarded > LINGER_BYTES:
            self._abort()

    def _allow(self, seconds: float | None) -> None:
        """From now on, for what the client has to send."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.callLater(seconds, self._expire)

    def _expire(self) -> None:
        self._deadline = None
        if self._begun:
            self.refuse(too_slow())
        else:
            self.loseConnection()  # it never asked for anything

    def _abort(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None
        self.transport.abortConnection()

    def _release(self) -> None:
        if self._reserved is not None:
            self.factory.budget.release(*self._reserved)
            self._reserved = None

    def _peer(self) -> str | None:
        host = getattr(self.transport.getPeer(), "host", None)
        return None if host is None else str(host)

    def _client(self, headers: Any) -> str | None:
        proxies = self.factory.proxies
        address: str | None = proxies.client_address(self._peer(), headers.getRawHeaders(proxies.header, []))
        return address


def _asks_for_websocket(headers: Any) -> bool:
    return any(value.strip().lower() == b"websocket" for value in headers.getRawHeaders(b"Upgrade", []))


def _has_credentials(headers: Any, session_cookie: bytes) -> bool:
    if headers.hasHeader(b"Authorization"):
        return True
    cookies = b";".join(headers.getRawHeaders(b"Cookie", []))
    return any(pair.partition(b"=")[0].strip() == session_cookie for pair in cookies.split(b";"))
