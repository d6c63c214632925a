"""Requests and events between a page and its server, held back until the test lets them go."""

import json

from playwright.sync_api import Page, Route, WebSocketRoute

from tests.support.patience import PATIENCE

LOOK = 50  # milliseconds


class HeldRequests:
    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._routes: list[Route] = []
        page.route(address, lambda route: self._routes.append(route))  # noqa: PLW0108  # it looks at what it is given

    def next(self) -> Route:
        """The first that is held, once there is one."""
        for _ in range(int(PATIENCE * 1000) // LOOK):
            if self._routes:
                return self._routes.pop(0)
            self._page.wait_for_timeout(LOOK)
        raise AssertionError("nothing was asked for")


class HeldEvents:
    """Stands between a page and the server's websocket: from `hold` to `release`, events wait here."""

    def __init__(self, page: Page) -> None:
        self._waiting: list[str | bytes] = []
        self._is_held = False
        self._socket: WebSocketRoute | None = None
        page.route_web_socket("**/ws/", self._connect)

    def hold(self) -> None:
        self._is_held = True

    def release(self) -> None:
        self._is_held = False
        for message in self._waiting:
            self._send(message)

    def _connect(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        socket.connect_to_server().on_message(self._pass_on)

    def _pass_on(self, message: str | bytes) -> None:
        if self._is_held and json.loads(message)["type"] == "events":
            self._waiting.append(message)
        else:
            self._send(message)

    def _send(self, message: str | bytes) -> None:
        assert self._socket is not None
        self._socket.send(message)
