"""What daphne makes its protocols with, on every server that serves `netra.asgi:application`.

Import it only where daphne is loaded: it puts its event loop in place.
"""

from typing import Any

import daphne.server
from daphne.http_protocol import HTTPFactory


class LimitedHTTPFactory(HTTPFactory):  # type: ignore[misc]
    """Made once a server runs, however it was started."""

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        # `daphne --proxy-headers` believes the first entry of a header, which is the client's word. NETRA_BEHIND_PROXY
        # and its companions say who is believed (netra.server.proxies).
        server.proxy_forwarded_address_header = None
        server.proxy_forwarded_port_header = None
        server.proxy_forwarded_proto_header = None


def install_factories() -> None:
    """Let daphne use ours. Its command line looks them up when its server runs, after it has imported netra.asgi."""
    daphne.server.HTTPFactory = LimitedHTTPFactory
