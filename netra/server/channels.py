"""HTTP channels with limits on headers, bodies and time, enforced while bytes arrive.

Twisted stores a body of any length in a file and calls the application once it is complete. Here the headers decide:
a body that is too long, or of no announced length, is refused before its first byte, and what follows is discarded."""

from typing import Any

from twisted.web import http

from core.networks import to_narrow_network
from netra.server.connections import Connection
from netra.server.limits import (
    BODY_BYTES_PER_SECOND,
    BODY_SECONDS,
    HEADER_BYTES,
    HEADER_COUNT,
    HEADER_SECONDS,
    LINGER_BYTES,
    LINGER_SECONDS,
    decode_path,
    get_body_limit,
)
from netra.server.refusals import (
    Refusal,
    body_too_large,
    headers_too_long,
    length_required,
    request_timeout,
    too_many_connections,
    too_many_uploads,
)
from netra.server.write_buffers import WriteBuffer

_HTTPChannel: Any = http.HTTPChannel  # twisted gives its methods no types
MAX_LENGTH_DIGITS = 18


class LimitedHTTPChannel(_HTTPChannel):  # type: ignore[misc]
    """`factory` has `proxies`, `budget`, `registry` and `session_cookie`; it also sets `connection`."""

    connection: Connection

    length: Any  # None if the headers do not say
    maxHeaders = HEADER_COUNT
    totalHeadersSize = HEADER_BYTES
    abortTimeout = LINGER_SECONDS

    def connectionMade(self) -> None:
        self.connection.output = self._output = WriteBuffer(self.transport, self.callLater)
        self.factory.registry.attach(self.connection, self.transport)
        super().connectionMade()
        self.address = to_narrow_network(self._peer_host() or "")
        self._is_refused = False
        self._discarded_bytes = 0
        self._has_request_begun = False
        self._deadline: Any = None
        self._reservation: tuple[str, int] | None = None
        self._set_deadline(HEADER_SECONDS)

    def dataReceived(self, data: bytes) -> None:
        if self._is_refused:
            self._discard(len(data))
            return
        self._has_request_begun = True
        if self._deadline is None and not self._handlingRequest:
            self._set_deadline(HEADER_SECONDS)
        super().dataReceived(data)

    def rawDataReceived(self, data: bytes) -> None:
        if self._is_refused:
            self._discard(len(data))
        else:
            super().rawDataReceived(data)

    def lineLengthExceeded(self, line: bytes) -> None:
        """Refuse the request: Twisted would close the connection without an answer."""
        self.clearLineBuffer()
        if not self._is_refused:
            self.refuse(headers_too_long())

    def _maybeChooseTransferDecoder(self, header: bytes, data: bytes) -> bool:
        if header == b"Content-Length" and len(data) > MAX_LENGTH_DIGITS:
            return bool(self._failChooseTransferDecoder())
        return bool(super()._maybeChooseTransferDecoder(header, data))

    def allHeadersReceived(self) -> None:
        """Check the connection and the body's length, before Twisted opens a file for the body."""
        headers = self.requests[-1].requestHeaders
        headers.removeHeader(b"Daphne-Root-Path")  # never trusted, and daphne fails if it is not ASCII
        self.address = to_narrow_network(self._client_address(headers) or "")
        refusal = self._check_connection() or self._check_body(headers)
        if refusal is not None:
            self.refuse(refusal)
            return
        self._set_deadline(BODY_SECONDS + self.length / BODY_BYTES_PER_SECOND)
        super().allHeadersReceived()

    def allContentReceived(self) -> None:
        self._set_deadline(None)
        super().allContentReceived()

    def requestDone(self, request: Any) -> None:
        self._release_body()
        self._has_request_begun = False
        if self.factory.proxies.is_trusted(self._peer_host()):
            self.connection.clear_owner()
        if self.connection.is_closing:
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
        self._set_deadline(None)
        self._release_body()
        self.connection.end()
        super().connectionLost(reason)

    def refuse(self, refusal: Refusal) -> None:
        """Answer instead of the application, and close once the client has had a chance to read the answer."""
        language = b""
        if self.requests:
            language = self.requests[-1].requestHeaders.getRawHeaders(b"Accept-Language", [b""])[0]
        self._is_refused = True
        self.length = None  # what follows is not parsed as lines any more
        self.setTimeout(None)
        self._set_deadline(None)
        self.transport.write(refusal.to_bytes(language.decode("latin-1")))
        self._networkProducer.unregisterProducer()
        # If the connection were closed at once, data that still arrives would reset it and the answer be lost.
        self.transport.loseWriteConnection()
        self._deadline = self.callLater(LINGER_SECONDS, self._abort)

    def _check_connection(self) -> Refusal | None:
        """Count a proxy's connection for the client's address, which is known only now."""
        is_proxy = self.factory.proxies.is_trusted(self._peer_host())
        if is_proxy and not self.connection.assign_address(self.address):
            return too_many_connections()
        return None

    def _check_body(self, headers: Any) -> Refusal | None:
        if headers.hasHeader(b"Transfer-Encoding"):
            return length_required()
        limit = self._body_limit(headers)
        if self.length > limit:
            return body_too_large(limit)
        if self.length and not self.factory.budget.reserve(self.address, self.length):
            return too_many_uploads()
        self._reservation = (self.address, self.length) if self.length else None
        return None

    def _body_limit(self, headers: Any) -> int:
        if _is_websocket_request(headers):
            return 0  # daphne would take a body for frames sent before the handshake, and never end the request
        method, path = self._command.decode("ascii", "replace"), decode_path(self._path)
        return get_body_limit(method, path, has_credentials=_has_credentials(headers, self.factory.session_cookie))

    def _discard(self, size: int) -> None:
        self._discarded_bytes += size
        if self._discarded_bytes > LINGER_BYTES:
            self._abort()

    def _set_deadline(self, seconds: float | None) -> None:
        """Give the client so many seconds, from now on, for what it has to send; None stops the clock."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None if seconds is None else self.callLater(seconds, self._expire)

    def _expire(self) -> None:
        self._deadline = None
        if self._has_request_begun:
            self.refuse(request_timeout())
        else:
            self.loseConnection()  # it has sent no request

    def _abort(self) -> None:
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None
        self.transport.abortConnection()

    def _release_body(self) -> None:
        if self._reservation is not None:
            self.factory.budget.release(*self._reservation)
            self._reservation = None

    def _peer_host(self) -> str | None:
        host = getattr(self.transport.getPeer(), "host", None)
        return None if host is None else str(host)

    def _client_address(self, headers: Any) -> str | None:
        proxies = self.factory.proxies
        address: str | None = proxies.get_client_address(self._peer_host(), headers.getRawHeaders(proxies.header, []))
        return address


def _is_websocket_request(headers: Any) -> bool:
    return any(value.strip().lower() == b"websocket" for value in headers.getRawHeaders(b"Upgrade", []))


def _has_credentials(headers: Any, session_cookie: bytes) -> bool:
    if headers.hasHeader(b"Authorization"):
        return True
    cookies = b";".join(headers.getRawHeaders(b"Cookie", []))
    return any(pair.partition(b"=")[0].strip() == session_cookie for pair in cookies.split(b";"))
