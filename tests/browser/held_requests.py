"""Requests of a page that wait until the test lets them go."""

from playwright.sync_api import Page, Route

from tests.support.patience import PATIENCE

LOOK = 50  # milliseconds


class Held:
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
