import json
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from rest_framework.renderers import JSONRenderer

from agents.api.serializers import RunSerializer, present_run
from agents.models import ANALYST_AGENT, Run, RunState, Step
from agents.queries import list_runs
from core.models import User
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.support.rest_clients import is_refused, rest

pytestmark = pytest.mark.django_db

ANSWER = {"question": "?", "kind": "answer", "text": "42", "figures": []}
REPORT = {"ask": "?", "spend": {"total": 10.5}, "combination": {"total": 3.25}, "levers": [], "plan": []}


def create_reported_run(user: User) -> Run:
    run = queue_run(user)
    ending = {"answer": "# The answer", "missing": ["actions"]}
    Run.objects.filter(id=run.id).update(state=RunState.COMPLETED, degraded=True, ending=ending)
    Step.objects.create(owner=user, run=run, agent="reporting", attempt=1, output={"report": REPORT})
    return run


def add_answer(user: User, run: Run) -> Run:
    Step.objects.create(owner=user, run=run, agent="analyst", attempt=1, output={"answer": ANSWER, "turn": None})
    return run


def test_a_run_is_the_same_by_frame_and_over_rest(people: People) -> None:
    new, ended = queue_run(people.owner), create_reported_run(people.owner)
    Run.objects.filter(id=ended.id).update(
        started_at=timezone.now(), ended_at=timezone.now(), error="deadline", attempt=2
    )
    for run in (new, Run.objects.get(id=new.id), list_runs(people.owner.id).get(id=ended.id)):
        assert present_run(run) == json.loads(JSONRenderer().render(RunSerializer(run).data))


def test_a_question_starts_a_run(people: People) -> None:
    prices = {"price_in": "2.5", "price_out": 10}
    body = {"text": "cut my spend", "assumptions": prices, "time_zone": "Asia/Kolkata"}
    answer = rest(people.owner).post("/api/runs/", body, format="json")
    run = Run.objects.get()
    assert answer.status_code == 201
    assert answer.json()["id"] == str(run.id)
    assert answer.json()["state"] == "queued"
    assert answer.json()["assumptions"]["price_in"] == "2.5"
    assert answer.json()["time_zone"] == run.time_zone == "Asia/Kolkata"
    assert run.owner_id == people.owner.id


def test_the_same_message_again_is_the_same_run(people: People) -> None:
    body = {"text": "cut my spend", "client_id": str(uuid4())}
    first, second = (rest(people.owner).post("/api/runs/", body, format="json") for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    other = rest(people.owner).post("/api/runs/", body | {"text": "other"}, format="json")
    assert is_refused(other, 409, "conflict")
    impossible = rest(people.owner).post("/api/runs/", body | {"assumptions": {"price_in": "1"}}, format="json")
    assert is_refused(impossible, 400, "bad_input")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": ""},
        {"text": "x" * 20_001},
        {"text": "nul \x00"},
        {"text": "?", "time_zone": "Mars/Olympus"},
        {"text": "?", "time_zone": "../../etc/passwd"},
        {"text": "?", "time_zone": "x" * 65},
        {"text": "?", "thread_id": "default"},
        {"text": "?", "assumptions": {"price_in": "cheap"}},
        {"text": "?", "assumptions": {"price_in": "1"}},
        {"text": "?", "assumptions": {"price_in": "-1", "price_out": "1"}},
        {"text": "?", "assumptions": {"discount_percent": "101"}},
        ["text"],
    ],
)
def test_an_invalid_question_is_refused_with_a_reason(people: People, body: Any) -> None:
    answer = rest(people.owner).post("/api/runs/", body, format="json")
    assert is_refused(answer, 400, "bad_input")
    assert not Run.objects.exists()


def test_invalid_json_is_an_error(people: People) -> None:
    answer = rest(people.owner).post("/api/runs/", "{", content_type="application/json")
    assert is_refused(answer, 400, "bad_input")


def test_a_run_is_shown_with_its_events(people: People) -> None:
    run = create_reported_run(people.owner)
    shown = rest(people.owner).get(f"/api/runs/{run.id}/").json()
    assert (shown["answer"], shown["missing"], shown["degraded"]) == ("# The answer", ["actions"], True)
    assert (shown["has_report"], shown["has_answer"]) == (True, False)
    Step.objects.create(owner=people.owner, run=run, agent=ANALYST_AGENT, attempt=1, output={})
    assert rest(people.owner).get(f"/api/runs/{run.id}/").json()["has_answer"]
    assert [event["type"] for event in shown["events"]] == ["run_queued"]


def test_a_queued_run_is_cancelled_once(people: People) -> None:
    run = queue_run(people.owner)
    first = rest(people.owner).post(f"/api/runs/{run.id}/cancel/")
    assert (first.status_code, first.json()["id"]) == (202, str(run.id))
    shown = rest(people.owner).get(f"/api/runs/{run.id}/").json()
    assert (shown["state"], shown["error"]) == ("cancelled", "cancelled")
    assert is_refused(rest(people.owner).post(f"/api/runs/{run.id}/cancel/"), 409, "conflict")


def test_a_report_is_read_and_downloaded(people: People) -> None:
    run, mine = create_reported_run(people.owner), rest(people.owner)
    assert mine.get(f"/api/runs/{run.id}/report/").json() == REPORT
    for name, kind in [("report.json", "application/json"), ("report.md", "text/markdown"), ("report.csv", "text/csv")]:
        file = mine.get(f"/api/runs/{run.id}/report/{name}")
        assert (file.status_code, file["Content-Type"].split(";")[0]) == (200, kind)
        assert file["Content-Disposition"] == f'attachment; filename="{name}"'
    assert mine.get(f"/api/runs/{run.id}/report/report.md").content == b"# The answer"
    assert is_refused(mine.get(f"/api/runs/{run.id}/report/report.exe"), 404, "not_found")


def test_reports_are_listed(people: People) -> None:
    run = create_reported_run(people.owner)
    assert rest(people.stranger).get("/api/reports/").json() == {"results": []}
    (row,) = rest(people.owner).get("/api/reports/").json()["results"]
    assert (row["run_id"], row["spend"], row["saving"], row["ask"]) == (str(run.id), 10.5, 3.25, "?")


def test_an_answer_is_the_json_of_the_analysts_step(people: People) -> None:
    run = add_answer(people.owner, queue_run(people.owner))
    found = rest(people.owner).get(f"/api/runs/{run.id}/answer/")
    assert (found.status_code, found.json()) == (200, ANSWER)
    assert rest(people.owner).get(f"/api/runs/{run.id}/").json()["has_answer"] is True


def test_a_run_without_an_answer_has_none(people: People) -> None:
    run = create_reported_run(people.owner)
    assert is_refused(rest(people.owner).get(f"/api/runs/{run.id}/answer/"), 404, "not_found")
    assert rest(people.owner).get(f"/api/runs/{run.id}/").json()["has_answer"] is False


def test_a_run_without_a_report_has_none(people: People) -> None:
    run = queue_run(people.owner)
    assert is_refused(rest(people.owner).get(f"/api/runs/{run.id}/report/"), 404, "not_found")


@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_another_users_run_is_not_found(people: People, who: str) -> None:
    run, other = add_answer(people.owner, create_reported_run(people.owner)), rest(getattr(people, who))
    for path in ("", "answer/", "report/", "report/report.json", "report/report.md", "report/report.csv"):
        assert is_refused(other.get(f"/api/runs/{run.id}/{path}"), 404, "not_found")
    assert is_refused(other.post(f"/api/runs/{run.id}/cancel/"), 404, "not_found")
    body = {"text": "?", "thread_id": str(run.thread_id)}
    assert is_refused(other.post("/api/runs/", body, format="json"), 404, "not_found")
    assert other.get("/api/runs/").json() == {"results": [], "next": None}
    assert Run.objects.count() == 1


def test_an_anonymous_caller_must_sign_in(people: People) -> None:
    run = queue_run(people.owner)
    for path in ("runs/", f"runs/{run.id}/", "threads/", "reports/", "snapshot/", "events/", "workloads/", "me/"):
        assert is_refused(rest().get(f"/api/{path}"), 401, "not_authenticated")
