"""What daphne makes its protocols with, on every server that serves `netra.asgi:application`.

Import it only where daphne is loaded: it puts its event loop in place.
"""

import asyncio
from functools import partial
from typing import Any

import daphne.server
from daphne.http_protocol import HTTPFactory

from netra.environment import Environment
from netra.server.bodies import BodyBudget
from netra.server.channels import LimitedHTTPChannel
from netra.server.proxies import trusted_proxies


class LimitedHTTPFactory(HTTPFactory):  # type: ignore[misc]
    """Made once a server runs, however it was started."""

    protocol = LimitedHTTPChannel

    def __init__(self, environment: Environment, server: Any) -> None:
        super().__init__(server)
        self.proxies = trusted_proxies(environment)
        self.budget = BodyBudget()
        # `daphne --proxy-headers` believes the first entry of a header, which is the client's word. NETRA_BEHIND_PROXY
        # and its companions say who is believed (netra.server.proxies).
        server.proxy_forwarded_address_header = None
        server.proxy_forwarded_port_header = None
        server.proxy_forwarded_proto_header = None
        server.kill_all_applications = partial(_cancel_applications, server)

    def acceptableProtocols(self) -> list[bytes]:
        """HTTP/2 would come with channels of its own, without these limits."""
        return [b"http/1.1"]


def install_factories(environment: Environment) -> None:
    """Let daphne use ours. Its command line looks them up when its server runs, after it has imported netra.asgi."""
    daphne.server.HTTPFactory = partial(LimitedHTTPFactory, environment)


def _cancel_applications(server: Any) -> Any:
    """Daphne's own stumbles over a request that has not arrived yet, and then cancels none."""
    for details in server.connections.values():
        if "application_instance" not in details:
            details["application_instance"] = ended = asyncio.get_event_loop().create_future()
            ended.set_result(None)
    return type(server).kill_all_applications(server)
