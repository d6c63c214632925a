from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from agents.feedback import load_feedback
from agents.models import Feedback, Run, RunState, Step
from core.models import User
from operators import consents
from tests.agents.api.test_runs import create_reported_run
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.operators.operators import operator
from tests.support.rest_clients import is_refused, rest

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga(people: People) -> User:
    user = operator("olga", "ask_consent", "read_conversation")
    user.user_permissions.add(*Permission.objects.filter(codename__in=("view_feedback", "view_thread")))
    return user


@pytest.fixture
def page(olga: User) -> Client:
    client = Client()
    client.force_login(olga)
    return client


WORDS = "the <b>total</b> is wrong"


def give(user: User, run: Run, **body: Any) -> Any:
    return rest(user).put(f"/api/runs/{run.id}/feedback/", {"helpful": False} | body, format="json")


def list_feedback(user: User, run: Run) -> list[tuple[str, bool, str]]:
    found = rest(user).get(f"/api/runs/{run.id}/").json()["feedback"]
    in_thread = rest(user).get(f"/api/threads/{run.thread_id}/").json()["messages"][0]["run"]["feedback"]
    assert found == in_thread
    return [(each["lever"], each["helpful"], each["reason"]) for each in found]


def test_an_opinion_is_stored_replaced_and_withdrawn(people: People) -> None:
    run = create_reported_run(people.owner)
    assert give(people.owner, run, reason=f" {WORDS} ").status_code == 200
    assert list_feedback(people.owner, run) == [("", False, WORDS)]
    assert give(people.owner, run, helpful=True).json()["results"][0]["helpful"]
    assert list_feedback(people.owner, run) == [("", True, "")]
    assert give(people.owner, run, helpful=None).json() == {"results": []}
    assert give(people.owner, run, helpful=None).status_code == 200
    assert list_feedback(people.owner, run) == []


def test_a_lever_has_an_opinion_of_its_own_if_the_report_has_it(people: People) -> None:
    run = create_reported_run(people.owner)
    step = run_step(run)
    step.output["report"] = step.output["report"] | {"levers": [{"name": "batch"}]}
    step.save()
    assert give(people.owner, run, helpful=True).status_code == 200
    assert give(people.owner, run, lever="batch").status_code == 200
    assert list_feedback(people.owner, run) == [("", True, ""), ("batch", False, "")]
    assert is_refused(give(people.owner, run, lever="other"), 400, "bad_input")
    Run.objects.update(state=RunState.CANCELLED)
    assert is_refused(give(people.owner, run), 400, "bad_input")


def run_step(run: Run) -> Any:

    return Step.objects.get(run=run)


@pytest.mark.parametrize("body", [{"helpful": "maybe"}, {"reason": "x" * 1001}, {"lever": "x" * 61}, {"other": 1}])
def test_an_invalid_opinion_is_refused(people: People, body: dict[str, Any]) -> None:
    assert is_refused(give(people.owner, create_reported_run(people.owner), **body), 400, "bad_input")


@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_another_users_answer_is_neither_rated_nor_its_rating_seen(people: People, who: str) -> None:
    run, other = create_reported_run(people.owner), getattr(people, who)
    give(people.owner, run, reason=WORDS)
    assert is_refused(give(other, run, helpful=True), 404, "not_found")
    assert is_refused(give(other, run, helpful=None), 404, "not_found")
    assert is_refused(give(other, run, lever="batch"), 404, "not_found")
    assert Feedback.objects.get().reason == WORDS
    assert load_feedback(other.id, [run.id]) == {}


def test_operators_see_counts_and_no_words(people: People, page: Client) -> None:
    first, second = create_reported_run(people.owner), create_reported_run(people.neighbour)
    give(people.owner, first, reason=WORDS)
    give(people.neighbour, second, helpful=True)
    listed = page.get("/admin/agents/feedback/").content.decode()
    assert "<td>1</td><td>1</td>" in listed
    assert "total" not in listed
    row = Feedback.objects.get(run=first)
    assert "total" not in page.get(f"/admin/agents/feedback/{row.pk}/change/").content.decode()
    assert page.get("/admin/agents/feedback/?reason__startswith=t").status_code == 400
    found = page.get("/admin/agents/feedback/?q=total").content.decode()
    assert "0 feedback" in found


def test_words_are_read_with_the_conversation_under_consent(people: People, page: Client, olga: User) -> None:
    run = create_reported_run(people.owner)
    give(people.owner, run, reason=WORDS)

    def read() -> str:
        body = {"action": "read", "_selected_action": str(run.thread_id)}
        return page.post("/admin/agents/thread/", body, follow=True).content.decode()

    assert "total" not in read()
    consent = consents.ask_consent(olga.id, people.owner.id, run.thread_id, "ticket 7")
    consents.give_consent(people.owner.id, consent.id, 1)
    assert "the &lt;b&gt;total&lt;/b&gt; is wrong" in read()


def test_a_question_without_an_answer_is_not_rated(people: People) -> None:
    assert is_refused(give(people.owner, queue_run(people.owner)), 400, "bad_input")
