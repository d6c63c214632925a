"""Isolation bugs put into a real server by these tests: the isolation test finds each and describes it."""

from pathlib import Path

import pytest
from pytest_django import Settings

from core.models import User
from tests.operators.isolation_test.command import call_isolation_selftest
from tests.support import live_server as serving
from tests.support.live_server import run_live_server

pytestmark = pytest.mark.django_db(transaction=True)

APPLICATION = "from netra.asgi import application\n"

FOLLOW = """
from core.stream.batches import Batch
from realtime import delivery
real = delivery.follow_stream
"""
EACH_BATCH = (
    FOLLOW
    + """
async def follow(user_id, *rest):
    count = 0
    async for part in real(user_id, *rest):
        count += isinstance(part, Batch)
        for each in mistaken(part, count, user_id) if isinstance(part, Batch) else [part]:
            yield each
delivery.follow_stream = follow
"""
)

BUGS = {
    "another's batches under one's own name": (
        EACH_BATCH
        + """
latest = {}
def mistaken(batch, count, user_id):
    latest[user_id] = batch
    others = [theirs._replace(user_id=user_id) for owner, theirs in latest.items() if owner != user_id]
    return [batch, *others[:1]] if count % 5 == 0 else [batch]
""",
        ("foreign", "socket", "canary"),
    ),
    "another's batches, which the delivery stops": (
        EACH_BATCH
        + """
latest = {}
def mistaken(batch, count, user_id):
    latest[user_id] = batch
    others = [theirs for owner, theirs in latest.items() if owner != user_id]
    return [batch, *others[:1]] if count % 7 == 0 else [batch]
""",
        ("wrong", "server", "incident"),
    ),
    "each batch twice": (
        EACH_BATCH + "def mistaken(batch, count, user_id): return [batch, batch]\n",
        ("double", "socket", "before the end of the one before"),
    ),
    "a batch left out": (
        EACH_BATCH + "def mistaken(batch, count, user_id): return [] if count % 4 == 0 else [batch]\n",
        ("gap", "socket", "after the end of the one before"),
    ),
    "an event left out of its range": (
        EACH_BATCH
        + """
def mistaken(batch, count, user_id):
    return [batch._replace(payloads=batch.payloads[1:]) if count % 4 == 0 else batch]
""",
        ("gap", "socket", "within the ranges"),
    ),
    "a snapshot of everybody's logs": (
        """
from types import SimpleNamespace
from realtime.api import stream
everybody = stream.Workload.objects.all
stream.Workload = SimpleNamespace(objects=SimpleNamespace(for_user=lambda user_id: everybody()))
""",
        ("foreign", "GET /api/snapshot/", "canary (relog)"),
    ),
    "anybody's run to whoever knows its id": (
        """
from django.db.models import Value
from agents import queries
from agents.models import Run
queries.get_run = lambda user_id, run_id: Run.objects.annotate(reported=Value(False)).get(id=run_id)
""",
        ("wrong", "GET /api/runs/{id}/", "responded with 200 instead of 404"),
    ),
    "anybody's run may be cancelled": (
        """
from dataclasses import replace
from agents import runs
from agents.models import Run
real = runs.cancel_run
def cancel_run(caller, run_id, **options):
    run = Run.objects.filter(id=run_id).first()
    return real(replace(caller, user_id=run.owner_id) if run else caller, run_id, **options)
runs.cancel_run = cancel_run
""",
        ("wrong", "", "instead of 404"),
    ),
    "the first caller's identity is kept for all": (
        """
from realtime import auth
real, first = auth._find_token_user, []
async def find_token_user(scope):
    first.append(await real(scope))
    return first[0]
auth._find_token_user = find_token_user
""",
        ("foreign", "socket", "user id of"),
    ),
    "an answer is given to the next who asks": (
        """
from rest_framework.response import Response
from realtime.api.stream import SnapshotView
real, answers = SnapshotView.get, []
def get(self, request):
    answers.append(real(self, request))
    return Response(answers[-2].data) if len(answers) % 3 == 0 else answers[-1]
SnapshotView.get = get
""",
        ("foreign", "GET /api/snapshot/", "canary"),
    ),
    "a page that fails": (
        """
from agents.api.reports import ReportViewSet
def fail(self, request): raise ValueError
ReportViewSet.list = fail
""",
        ("wrong", "GET /api/reports/", "responded with 500"),
    ),
}
"""By bug: the code that causes it, and a finding that the report must contain."""


OFTEN = ("another's batches under one's own name",)
"""Tried by `make test`; a server under load for each of the others would take minutes."""


@pytest.mark.long
@pytest.mark.parametrize(
    "bug", [each if each in OFTEN else pytest.param(each, marks=pytest.mark.soak) for each in BUGS]
)
def test_it_is_found(bug: str, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    code, (kind, where, what) = BUGS[bug]
    assert serving.SERVER.count(APPLICATION) == 1
    monkeypatch.setattr(serving, "SERVER", serving.SERVER.replace(APPLICATION, APPLICATION + code))
    with run_live_server(tmp_path) as server:
        outcome = call_isolation_selftest(server, settings)
    assert outcome.status == 1
    assert outcome.has_finding(kind, where, what)
    assert not User.objects.exists()
