"""A language model's text is the answer, rendered while it is written; a number that no result backs is marked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_answers import latest, two_features, wait_for_answers
from tests.browser.test_main_path import ask, upload_file
from tests.netra.management.test_run import free_port, run_server
from tests.support.live_server import LiveServer
from tests.support.llm.model_responses import Answer, says
from tests.support.llm.model_server import ModelServer, serving

pytestmark = pytest.mark.long

BEGINNING = ("The log has ", "**12 requests** ", "and 777 ", "more, of which ") + ("some ", "and ") * 40


@pytest.fixture
def model() -> Iterator[ModelServer]:
    with serving(lambda request: Answer(text=BEGINNING, then="hang", late=("no more.",), pause=0.02)) as server:
        yield server


def test_a_model_s_text_is_the_answer_while_it_is_written(visit: Visit, model: ModelServer, tmp_path: Path) -> None:
    # An installation of its own: the package's server has no model, and would take up runs and logs of its database.
    data, port = tmp_path / "data", free_port(24_000)
    settings = {"NETRA_MODEL": "openai:scripted", "NETRA_MODEL_BASE_URL": model.base_url, "NETRA_MODEL_ATTEMPTS": "1"}
    with run_server(data, port, **settings, NO_PROXY="127.0.0.1") as server:
        server.ready()
        at = LiveServer(f"http://127.0.0.1:{port}", server.process.pid, data)
        watch_the_answer(visit, at, server.passwords()["ana"], model, tmp_path)


def watch_the_answer(visit: Visit, at: LiveServer, password: str, model: ModelServer, tmp_path: Path) -> None:
    with visit(None, at=at) as page:
        page.get_by_label("Username or email").fill("ana")
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
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
