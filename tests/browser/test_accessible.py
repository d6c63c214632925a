"""axe-core finds nothing to complain of: chat, sign-in, report, accounts; desktop and phone; light and dark."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_main_path import ask, upload_file, wait_for_reports
from tests.conftest import People
from tests.support.running_worker import log_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

WHITE = "rgb(255, 255, 255)"  # paper, whatever the screen was
LOOKS: dict[str, dict[str, Any]] = {
    "desktop, light": {},
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


def list_violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("look", [pytest.param("desktop, light", marks=pytest.mark.soak), "phone, dark"])
def test_chat_and_report(people: People, visit: Visit, tmp_path: Path, look: str) -> None:
    # axe is put in by the test itself, past the page's own policy.
    with visit(people.owner, bypass_csp=True, **LOOKS[look]) as page:
        expect(page.get_by_label("Your question")).to_be_visible()
        assert list_violations(page) == []
        upload_file(page, log_file(tmp_path, feature="mine"))
        expect(page.get_by_text("20 requests").first).to_be_visible()
        ask(page)
        wait_for_reports(page)
        assert list_violations(page) == []
        width = page.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1]
        page.emulate_media(media="print")
        expect(page.locator("main")).to_have_css("background-color", WHITE)


@pytest.mark.parametrize(
    "path", ["/accounts/login/", pytest.param("/accounts/password/reset/", marks=pytest.mark.soak)]
)
@pytest.mark.parametrize("look", [pytest.param("desktop, light", marks=pytest.mark.soak), "phone, dark"])
def test_pages_for_those_who_are_not_signed_in(people: People, visit: Visit, path: str, look: str) -> None:
    with visit(None, path, bypass_csp=True, **LOOKS[look]) as page:
        assert list_violations(page) == []


@pytest.mark.parametrize(
    "path",
    ["", "tokens/", *(pytest.param(path, marks=pytest.mark.soak) for path in ("password/change/", "email/", "2fa/"))],
)
def test_account_pages(people: People, visit: Visit, path: str) -> None:
    with visit(people.owner, f"/accounts/{path}", bypass_csp=True) as page:
        assert list_violations(page) == []


def test_nothing_moves_for_who_wants_no_motion(people: People, visit: Visit) -> None:
    moving = """() => {
      const signs = ["spinner", "pulse", "button"].map((name) => {
        const sign = document.body.appendChild(document.createElement("span"));
        sign.className = name;
        return sign;
      });
      const longest = (times) => Math.max(...times.split(", ").map(parseFloat));
      return [...document.querySelectorAll("*"), ...signs].some((element) => {
        const style = getComputedStyle(element);
        const repeats = style.animationName !== "none" && style.animationIterationCount !== "1";
        return repeats || longest(style.transitionDuration) > 0.001 || longest(style.animationDuration) > 0.001;
      });
    }"""
    for motion, moves in (("no-preference", True), ("reduce", False)):
        with visit(people.owner, reduced_motion=motion) as page:
            expect(page.get_by_label("Your question")).to_be_visible()
            assert page.evaluate(moving) is moves


def test_everything_can_be_done_by_keyboard(people: People, visit: Visit) -> None:
    with visit(people.owner) as page:
        expect(page.get_by_label("Your question")).to_be_visible()
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.textContent.trim()") == "Skip to your question"
        page.keyboard.press("Enter")
        page.keyboard.type("hello")
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name="Answer")).to_be_visible()
        page.locator("body").click(position={"x": 700, "y": 300})
        page.keyboard.press("/")
        assert page.evaluate("() => document.activeElement.getAttribute('type')") == "search"
