"""A page while a run is under way: reloads, tabs, stops, a server that goes away."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from agents.models import Run
from tests.browser.conftest import Visit
from tests.browser.held_requests import HeldEvents, HeldRequests
from tests.browser.test_main_path import ask, upload_file, wait_for_reports
from tests.conftest import People
from tests.parts.ports import free_port
from tests.support.live_server import LiveServer, run_live_server
from tests.support.running_worker import log_file

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]


def test_a_reload_in_mid_run_misses_nothing(people: People, visit: Visit, server: LiveServer, tmp_path: Path) -> None:
    with visit(people.owner) as page:
        upload_file(page, log_file(tmp_path, feature="mine", rows=60))
        expect(page.get_by_text("60 requests").first).to_be_visible()
        ask(page)
        page.wait_for_url(re.compile("#/"))
        page.reload()
        page.reload()
        wait_for_reports(page)
        with visit(people.owner, page.url.removeprefix(server.origin)) as other:
            wait_for_reports(other)
            assert (
                other.get_by_role("region", name="Answer", exact=True).inner_text()
                == page.get_by_role("region", name="Answer", exact=True).inner_text()
            )


@pytest.mark.soak
def test_two_tabs_show_the_same_as_it_happens(people: People, visit: Visit, tmp_path: Path) -> None:
    with visit(people.owner) as one, visit(people.owner) as two:
        upload_file(one, log_file(tmp_path, feature="mine"))
        expect(two.get_by_role("navigation").get_by_text("usage.csv")).to_be_visible()
        ask(one, "Cut 30 %, said in tab one")
        two.get_by_role("navigation").get_by_text("Cut 30 %, said in tab one").click()
        wait_for_reports(one)
        wait_for_reports(two)


def test_what_ends_while_a_conversation_is_fetched_has_its_report_too(
    people: People, visit: Visit, tmp_path: Path
) -> None:
    with visit(people.owner) as one, visit(people.owner) as two:
        upload_file(one, log_file(tmp_path, feature="mine"))
        expect(one.get_by_text("20 requests").first).to_be_visible()
        ask(one, "Cut 30 %, said in tab one")
        wait_for_reports(one)
        held = HeldRequests(two, "**/api/threads/*/")
        two.get_by_role("navigation").get_by_text("Cut 30 %, said in tab one").click()
        route = held.next()
        older = route.fetch()
        ask(one, "Cut my spend by 20 %")
        wait_for_reports(one, 2)
        two.wait_for_timeout(500)  # it is told the end, which the answer on its way does not know
        route.fulfill(response=older)
        wait_for_reports(two, 2)


def test_two_people_at_once_see_nothing_of_each_other(people: People, visit: Visit, tmp_path: Path) -> None:
    with visit(people.owner) as mine, visit(people.neighbour) as theirs:
        pages = {"owner": mine, "neighbour": theirs}
        for name, page in pages.items():
            upload_file(page, log_file(tmp_path / name, feature=f"canary-{name}"))
            expect(page.get_by_text("20 requests").first).to_be_visible()
        for page in pages.values():
            ask(page)
        for page in pages.values():
            wait_for_reports(page)
        assert "canary-owner" in mine.content()
        assert "canary-neighbour" in theirs.content()
        assert "canary-neighbour" not in mine.content()
        assert "canary-owner" not in theirs.content()


def test_a_stranger_sees_no_conversation_by_its_address(people: People, visit: Visit, server: LiveServer) -> None:
    with visit(people.owner) as page:
        ask(page, "my secret question")
        page.wait_for_url(re.compile("#/"))
        address = page.url.removeprefix(server.origin)
    with visit(people.stranger, address, expected=("404",)) as other:
        expect(other.get_by_text("This conversation no longer exists.")).to_be_visible()
        assert "my secret question" not in other.content()


def test_a_run_is_stopped_by_escape_and_can_be_asked_again(people: People, visit: Visit, tmp_path: Path) -> None:
    file = log_file(tmp_path, feature="mine", rows=60)
    with visit(people.owner) as page:
        events = HeldEvents(page)
        page.reload()
        upload_file(page, file)
        expect(page.get_by_text("60 requests").first).to_be_visible()
        events.hold()  # or the run could be over before the page shows that it can be stopped
        ask(page)
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        page.keyboard.press("Escape")
        events.release()
        again = page.get_by_role("button", name="Ask again")  # a step of it may say "Stopped" before the run does
        expect(again).to_be_visible()
        assert Run.objects.get().state in ("cancelled", "completed")  # a short run may have been quicker
        again.click()
        expect(page.get_by_role("region", name="Answer 2")).to_be_visible()
        expect(again).to_have_count(2)
    assert Run.objects.latest("created_at").state == "completed"


def test_a_server_that_comes_back_is_gone_on_with(people: People, visit: Visit, tmp_path: Path) -> None:
    noise = ("WebSocket", "ERR_CONNECTION", "Failed to load")
    port = str(free_port())  # one that nobody else is given meanwhile
    with run_live_server(tmp_path / "first", port=port) as first, visit(people.owner, at=first, expected=noise) as page:
        page.evaluate("() => { Math.random = () => 0; }")  # of up to 5 s, so that not all pages come back at once
        ask(page, "the first question")
        page.wait_for_url(re.compile("#/"))
        first.stop()
        expect(page.get_by_text("Connection lost").first).to_be_visible()
        page.get_by_role("button", name="New conversation").click()
        ask(page, "asked meanwhile")
        page.get_by_label("Your question").fill("half a thought")
        with run_live_server(tmp_path / "first", port=port):
            expect(page.get_by_text("Connection lost")).to_have_count(0)
            expect(page.get_by_text("asked meanwhile").first).to_be_visible()
            expect(page.get_by_text("Waits for the connection")).to_have_count(0)
            expect(page.get_by_label("Your question")).to_have_value("half a thought")
    assert sorted(run.message.text for run in Run.objects.select_related("message")) == [
        "asked meanwhile",
        "the first question",
    ]


def test_a_session_that_ends_is_told_and_what_was_typed_is_kept(people: People, visit: Visit) -> None:
    from django.contrib.sessions.models import Session

    with visit(people.owner, expected=("401", "403", "WebSocket")) as page:
        expect(page.get_by_label("Your question")).to_be_visible()
        page.get_by_label("Your question").fill("half a thought")
        Session.objects.all().delete()
        page.reload()
        expect(page.get_by_label("Username or email")).to_be_visible()
        people.owner.set_password("a long enough password")
        people.owner.save()
        page.get_by_label("Username or email").fill("owner")
        page.get_by_label("Password").fill("a long enough password")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_label("Your question")).to_have_value("half a thought")
