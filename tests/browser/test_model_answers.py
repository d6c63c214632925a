"""A language model's text is the answer, rendered while it is written; a number that no result backs is marked."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_answers import latest, two_features, wait_for_answers
from tests.browser.test_main_path import ask, upload_file
from tests.conftest import People
from tests.support.live_server import LiveServer, run_live_server
from tests.support.llm.model_responses import Answer, says
from tests.support.llm.model_server import ModelServer, serving

pytestmark = pytest.mark.django_db(transaction=True)

BEGINNING = ("The log has ", "**12 requests** ", "and 777 ", "more, of which ") + ("some ", "and ") * 40


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with serving(lambda request: Answer(text=BEGINNING, then="hang", late=("no more.",), pause=0.02)) as server:
        yield server


@pytest.fixture
def talking(model: ModelServer, server: LiveServer, tmp_path: Path) -> Iterator[LiveServer]:
    """A server whose language model is the scripted one."""
    with ExitStack() as stack:
        yield stack.enter_context(
            run_live_server(
                tmp_path / "talking",
                model="openai:scripted",
                model_base_url=model.base_url,
                model_attempts="1",
                page_requests_per_minute="0",
                variables={"NO_PROXY": "127.0.0.1"},
            )
        )


def test_a_model_s_text_is_the_answer_while_it_is_written(
    people: People, visit: Visit, talking: LiveServer, model: ModelServer, tmp_path: Path
) -> None:
    with visit(people.owner, at=talking) as page:
        upload_file(page, two_features(tmp_path))
        expect(page.get_by_text("12 requests").first).to_be_visible()
        ask(page, "How many requests per feature?")
        text = latest(page).locator(".an-text")
        expect(text.locator("strong")).to_have_text("12 requests")
        expect(text).to_contain_text("777 (unverified)")
        expect(latest(page).get_by_text("The language model is writing.")).to_be_visible()
        expect(page.get_by_role("button", name="Stop").first).to_be_visible()
        # Once: the steps only say where it is.
        expect(latest(page).get_by_text("(unverified)")).to_have_count(1)
        model.script = lambda request: says("")
        model.going_on.set()
        answer = wait_for_answers(page, 1)
        expect(answer.get_by_text("The language model is writing.")).to_have_count(0)
        expect(answer.locator(".an-text strong")).to_have_text("12 requests")
        expect(answer.locator(".an-text")).to_contain_text("no more.")
        expect(answer.get_by_text("marked as unverified")).to_be_visible()
