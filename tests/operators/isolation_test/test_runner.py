"""The isolation test against a real server: it passes, reports what it did, and leaves nothing behind."""

import pytest
from pytest_django import Settings

from core.models import Event, User
from tests.conftest import People
from tests.operators.isolation_test.command import call_isolation_selftest
from tests.support.live_server import LiveServer
from tests.support.workloads.uploaded_logs import files
from tools.audit.anchors import ANCHOR_FILE_NAME

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.long
@pytest.mark.parametrize(("users", "seconds"), [(2, 2), pytest.param(3, 4, marks=pytest.mark.soak)])
def test_a_correct_server_passes_and_no_data_remains(
    server: LiveServer, settings: Settings, people: People, users: int, seconds: float
) -> None:
    before = set(files(server.data_dir)) - {ANCHOR_FILE_NAME}
    outcome = call_isolation_selftest(server, settings, users=users, seconds=seconds)
    report = outcome.report
    assert (outcome.status, report["passed"], report["findings"]) == (0, True, [])
    assert (report["foreign"], report["gaps"], report["doubles"], report["wrong"]) == (0, 0, 0, 0)
    assert report["users"] == users
    assert report["sockets"] > 10
    assert report["events"] > 100
    assert report["bytes"] > 100_000
    assert report["refused"]["404"] > 0
    assert 0 < report["foreign_per_event_below"] < 0.05
    assert set(User.objects.values_list("username", flat=True)) == {"owner", "neighbour", "stranger"}
    assert not Event.objects.exists()
    # The audit stays, as it does for any user who is erased.
    assert set(files(server.data_dir)) - {ANCHOR_FILE_NAME} == before
