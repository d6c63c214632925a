"""A conversation that is longer than a page: its end shows first, and what was said before when it is asked for."""

import pytest
from playwright.sync_api import Page, expect

from agents import runs
from core.stream.append import publish_to_nobody
from tests.agents.api.test_pages import conversation
from tests.agents.claimed_runs import connection
from tests.browser.conftest import Visit
from tests.conftest import People

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

COUNT = 20


def list_shown_questions(page: Page) -> list[str]:
    return [text for text in page.locator(".turn .bubble").all_text_contents() if text.startswith("question")]


def test_earlier_messages_show_when_they_are_asked_for(people: People, visit: Visit) -> None:
    thread = conversation(people.owner, COUNT, reports=False)
    texts = [f"question {number}" for number in range(COUNT)]
    with visit(people.owner, f"/#/{thread.id}") as page:
        expect(page.get_by_text(texts[-1], exact=True)).to_be_visible()
        first = list_shown_questions(page)
        assert first == texts[-len(first) :]
        assert len(first) < COUNT
        earlier = page.get_by_role("button", name="Show earlier messages")
        while earlier.count():
            before, seen = list_shown_questions(page), page.get_by_text(list_shown_questions(page)[0], exact=True)
            # From the keyboard, and what stood there stays where it is.
            earlier.focus()
            place = seen.bounding_box()
            page.keyboard.press("Enter")
            expect(page.locator(".turn .bubble")).not_to_have_count(len(before))
            # The keyboard stays where it was, or where the conversation begins.
            expect(page.locator(".thread:focus, .thread button:focus")).to_have_count(1)
            now = seen.bounding_box()
            assert place is not None and now is not None
            assert abs(now["y"] - place["y"]) < 60, (place, now)
        assert list_shown_questions(page) == texts
        # It goes on at its end, as one that is short.
        runs.start_run(
            connection(people.owner),
            question="and then?",
            workload_id=None,
            thread_id=thread.id,
            publish=publish_to_nobody,
        )
        expect(page.locator(".turn .bubble").last).to_have_text("and then?")
        expect(page.get_by_role("region", name=f"Answer {COUNT + 1}", exact=True)).to_contain_text("No log is selected")
        page.reload()
        expect(page.get_by_text("and then?", exact=True)).to_be_visible()
        expect(earlier).to_be_visible()
