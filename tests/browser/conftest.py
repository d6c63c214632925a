"""A real browser, Debian's Chromium, on the real server. What it complains of fails the test that made it."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from core.models import User
from tests.core.i18n.pseudo_language import pseudo
from tests.support.live_server import LiveServer, run_live_server
from tests.support.patience import PATIENCE
from tests.support.stream_client import session_of

QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
PSEUDO_LANGUAGES = ("nl", "ar")  # the second is written from the right, and has one text
FROM_THE_RIGHT_TEXT = "Your question"
# To optimise the code of a page that is there for seconds costs a third of its processor time.
UNOPTIMISED = ("--js-flags=--no-opt --no-maglev",)
OFFLINE = ("--disable-background-networking", "--disable-component-update", "--disable-sync")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    # For the time of this package: an open playwright counts as a running event loop, to tests and to Django.
    # The shell where there is one: the same engine without windows of its own, for half the processor time.
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed: sudo apt-get install chromium-headless-shell")
    with pytest.MonkeyPatch.context() as patched, sync_playwright() as playwright:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        expect.set_options(timeout=PATIENCE * 1000)
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET, *UNOPTIMISED, *OFFLINE])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One for the package: starting one for each module takes seconds. It has two languages more (test_language.py)."""
    languages = tmp_path_factory.mktemp("languages")
    everything, from_the_right = (languages / f"{tag}.po" for tag in PSEUDO_LANGUAGES)
    pseudo(everything)
    pseudo(from_the_right, FROM_THE_RIGHT_TEXT)
    variables = {"TEST_LANGUAGES": str(languages)}
    folder = tmp_path_factory.mktemp("server")
    with run_live_server(folder, variables=variables, page_requests_per_minute="0") as running:
        yield running


@dataclass(slots=True)
class Complaints:
    """What a browser had to say of our pages, and whom else they wanted to talk to."""

    origin: str
    expected: tuple[str, ...] = ()
    heard: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", lambda said: self._hear(said.type, f"{said.text} {said.location['url']}"))
        page.on("pageerror", lambda error: self._hear("error", str(error)))
        page.on("request", lambda request: self._address(request.url))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not any(part in text for part in self.expected):
            self.heard.append(text)

    def _address(self, url: str) -> None:
        parts = urlsplit(url)
        if any(part in url for part in self.expected):
            return
        if parts.scheme not in ("data", "blob") and parts.netloc != urlsplit(self.origin).netloc:
            self.heard.append(f"asked for {url}")


Visit = Callable[..., Any]


@pytest.fixture(autouse=True)
def blockbuster() -> None:
    """None here: playwright's loop runs in the tests' own thread, and they may block it."""


@pytest.fixture
def visit(chromium: Browser, server: LiveServer) -> Visit:
    """`with visit(user) as page`: the chat page, signed in as that user, in a browser of its own."""

    @contextmanager
    def visiting(
        user: User | None, path: str = "/", *, at: LiveServer = server, expected: tuple[str, ...] = (), **options: Any
    ) -> Iterator[Page]:
        complaints = Complaints(at.origin, expected)
        with ExitStack() as stack:
            context = chromium.new_context(
                **(
                    {"viewport": {"width": 1440, "height": 900}, "locale": "en-US", "reduced_motion": "reduce"}
                    | options
                )
            )
            stack.callback(context.close)
            if user is not None:
                context.add_cookies([{"name": "netra_session", "value": session_of(user), "url": at.origin}])
            page = context.new_page()
            page.set_default_timeout(PATIENCE * 1000)
            complaints.listen(page)
            page.goto(at.origin + path)
            yield page
            # A request that a test stands in the way of may be under way still, and would fail in the next test.
            page.unroute_all(behavior="ignoreErrors")
        assert complaints.heard == []

    return visiting
