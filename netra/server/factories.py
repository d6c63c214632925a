"""Protocol factories for every daphne that serves `netra.asgi:application`.

Import it only where daphne is loaded: it installs its event loop."""

import asyncio
from functools import partial
from typing import Any

import daphne.server
from autobahn.websocket.protocol import PreparedMessage
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet.protocol import Protocol
from twisted.web.http import NO_BODY_CODES

from core.networks import to_narrow_network
from netra.config import Environment
from netra.process import raise_open_file_limit
from netra.server.channels import LimitedHTTPChannel
from netra.server.connections import ConnectionLimits, ServerConnectionRegistry
from netra.server.limits import HANDSHAKE_SECONDS, BodyBudget
from netra.server.prompt_writes import write_promptly
from netra.server.refusals import too_many_connections
from netra.server.scopes import build_trusted_proxies


class HTTPRequest(WebRequest):  # type: ignore[misc]
    """Daphne's request, without a body in answers that have none.

    Daphne writes past the check by which Twisted drops a body that comes in several parts. What is left of it would be
    taken for the next answer on the connection, which behind a proxy may be another user's."""

    def handle_reply(self, message: dict[str, Any]) -> None:
        if message.get("body") and (self.method == b"HEAD" or self.code in NO_BODY_CODES):
            message = {**message, "body": b""}
        super().handle_reply(message)


class LimitedHTTPFactory(HTTPFactory):  # type: ignore[misc]
    """Daphne's HTTP factory with limits. Daphne makes one when its server runs, however it was started."""

    def __init__(self, environment: Environment, server: Any) -> None:
        super().__init__(server)
        self.proxies = build_trusted_proxies(environment)
        self.budget = BodyBudget()
        self.session_cookie = environment.session_cookie.encode()
        self.registry = ServerConnectionRegistry(
            build_connection_limits(environment, raise_open_file_limit(environment.connections))
        )
        # `daphne --proxy-headers` trusts the first entry of a header, which the client has written. NETRA_BEHIND_PROXY
        # and related settings say which entries are trusted (netra.server.scopes).
        server.proxy_forwarded_address_header = None
        server.proxy_forwarded_port_header = None
        server.proxy_forwarded_proto_header = None
        # Daphne's own 5 s would refuse clients that wait their turn; they would reconnect, and the work be wasted.
        server.websocket_handshake_timeout = server.websocket_connect_timeout = HANDSHAKE_SECONDS
        server.kill_all_applications = partial(_cancel_applications, server)

    def buildProtocol(self, addr: Any) -> Any:
        peer = getattr(addr, "host", None)
        address = None if peer is None or self.proxies.is_trusted(peer) else to_narrow_network(peer)
        connection = self.registry.admit(address)
        if connection is None:
            return RefusedConnection()
        channel: Any = LimitedHTTPChannel()
        channel.factory = self
        channel.requestFactory = HTTPRequest
        channel.callLater = self.reactor.callLater
        channel.timeOut = self.timeOut
        channel.connection = connection
        return channel

    def acceptableProtocols(self) -> list[bytes]:
        """Return HTTP/1.1 only: HTTP/2 has channels of its own, without these limits."""
        return [b"http/1.1"]


class RefusedConnection(Protocol):
    """A connection above the limits: it gets an error and is closed."""

    def connectionMade(self) -> None:
        transport: Any = self.transport
        transport.write(too_many_connections().to_bytes())
        transport.loseConnection()


class LimitedWebSocketProtocol(WebSocketProtocol):  # type: ignore[misc]
    """A connection that was HTTP and is upgraded to a websocket; it stays counted and watched."""

    def connectionMade(self) -> None:
        self.connection = self.factory.server_class.http_factory.registry.get(self.transport)
        # The output replaces the channel, which this connection doesn't use any more.
        self.transport.unregisterProducer()
        self.transport.registerProducer(self.connection.output, True)
        write_promptly(self.transport)
        super().connectionMade()

    def serverSend(self, content: Any, binary: bool = False) -> None:
        """Send a text as autobahn's prepared message: in a third of the time, as no frame is described for a log."""
        if binary or self.state != self.STATE_OPEN:
            super().serverSend(content, binary)
        else:
            self.sendPreparedMessage(PreparedMessage(content.encode(), False, False, True))

    def sendData(self, data: bytes, sync: bool = False, chopsize: int | None = None) -> None:
        if sync or chopsize or self.send_queue:
            super().sendData(data, sync, chopsize)
        else:
            self.transport.write(data)

    def connectionLost(self, reason: Any) -> None:
        self.connection.end()
        super().connectionLost(reason)

    def _closeConnection(self, abort: bool = False) -> None:
        super()._closeConnection(abort)
        if not abort:
            self.connection.output.finish()


class LimitedWebSocketFactory(WebSocketFactory):  # type: ignore[misc]
    protocol = LimitedWebSocketProtocol


def build_connection_limits(environment: Environment, total: int) -> ConnectionLimits:
    return ConnectionLimits(
        total=total,
        per_address=environment.connections_per_address,
        per_user=environment.connections_per_user,
    )


def install_factories(environment: Environment) -> None:
    """Replace daphne's factories; its command line looks them up when the server runs, after importing netra.asgi."""
    daphne.server.HTTPFactory = partial(LimitedHTTPFactory, environment)
    daphne.server.WebSocketFactory = LimitedWebSocketFactory


def _cancel_applications(server: Any) -> Any:
    """Cancel all applications; daphne's own method fails, and cancels none, if a request has not arrived yet."""
    for details in server.connections.values():
        if "application_instance" not in details:
            details["application_instance"] = placeholder = asyncio.get_event_loop().create_future()
            placeholder.set_result(None)
    return type(server).kill_all_applications(server)
