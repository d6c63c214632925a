"""Logs and questions made to break out: what they hold is text, and the page's policy holds."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_main_path import ask, upload_file, wait_for_reports
from tests.conftest import People
from tests.support.running_worker import HEADER

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

EVIL = (
    "<img src=x onerror=window.pwned=1>",
    "<script>window.pwned=1</script>",
    "[click](javascript:window.pwned=1)",
    "![track](http://evil.example/pixel.png)",
    "<a href='//evil.example'>x</a>",
    "=cmd|' /C calc'!A0",
    "safe\u202egnp.exe",
    "{{7*7}}${7*7}",
)


def assert_unharmed(page: Page) -> None:
    assert page.evaluate("() => window.pwned") is None
    assert page.locator("main img").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    assert "evil.example" not in page.evaluate("() => [...document.querySelectorAll('a')].map(a => a.href).join()")


def hostile_log(folder: Path) -> Path:
    """A name of its own, and hostile features, models and errors."""
    file = folder / "<b>log\u202e.csv"
    quoted = [text.replace('"', '""') for text in EVIL]
    rows = [f'2026-01-01T00:{row:02}:00Z,"{text}",1000,10,"{text}"\n' for row, text in enumerate(quoted * 2)]
    rows += [f'2026-01-02T00:{row:02}:00Z,gpt-4o,1000,10,"{text}"\n' for row, text in enumerate(quoted * 2)]
    file.write_text(HEADER + "".join(rows))
    return file


def test_a_hostile_log_is_text(people: People, visit: Visit, tmp_path: Path) -> None:
    with visit(people.owner) as page:
        upload_file(page, hostile_log(tmp_path))
        expect(page.get_by_text("32 requests").first).to_be_visible()
        ask(page, f"Cut my spend {EVIL[0]}")
        wait_for_reports(page)
        ask(page)
        wait_for_reports(page, 2)
        for fold in page.locator("main details:not([open]) > summary").all():
            if fold.is_visible():
                fold.click()
        assert_unharmed(page)
        assert EVIL[0] in page.locator("main").inner_text()


def test_markdown_of_the_server_cannot_run_or_call_out(people: People, visit: Visit) -> None:
    """An answer as a model could have written it, put in place of a real one on its way to the page."""
    answer = "\n\n".join(
        [
            *EVIL,
            "# A title",
            "<style>body{display:none}</style>",
            "<form action=//evil.example><button>go</button></form>",
        ]
    )

    with visit(people.owner) as page:
        ask(page, "hello")
        # Only once the run is over: what is told of it later would take the place of the answer below.
        expect(page.get_by_role("button", name="Ask again")).to_be_visible()

        def hostile(route: object, request: object) -> None:
            reply = route.fetch()  # type: ignore[attr-defined]
            body = reply.json()
            for message in body["thread"]["messages"] if body.get("thread") else []:
                # Without a typed answer, which would take its place once it is fetched.
                message["run"] |= {"state": "completed", "answer": answer, "has_report": False, "has_answer": False}
                message["run"]["events"] = []
            route.fulfill(response=reply, json=body)  # type: ignore[attr-defined]

        page.route("**/api/snapshot/**", hostile)
        page.reload()
        expect(page.get_by_role("heading", name="A title")).to_be_visible()
        assert_unharmed(page)
        assert page.locator("main form[action*=evil]").count() == 0


def test_the_policy_itself_blocks_what_would_slip_through(people: People, visit: Visit) -> None:
    expected = ("Content Security Policy", "Refused", "Trusted", "evil.example")
    with visit(people.owner, expected=expected) as page:
        failed: list[str | None] = []
        page.on("requestfailed", lambda request: failed.append(request.failure))
        page.evaluate(
            """() => { const script = document.createElement('script');
                try { script.textContent = 'window.pwned = 1' } catch {}
                document.body.append(script) }"""
        )
        page.evaluate(
            """() => { const image = new Image(); image.src = 'http://evil.example/p.png';
                document.body.append(image) }"""
        )
        refused = page.evaluate(
            "() => { try { document.body.innerHTML = '<b>x</b>'; return false } catch { return true } }"
        )
        page.wait_for_timeout(200)
        assert page.evaluate("() => window.pwned") is None
        assert failed == ["csp"]
        assert refused
