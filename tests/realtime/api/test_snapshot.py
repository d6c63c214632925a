from uuid import uuid4

import pytest

from agents.models import Thread
from core.api import pagination
from core.models import User
from core.stream import read
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.support.rest_clients import is_refused, rest
from workloads.models import Workload

pytestmark = pytest.mark.django_db


def test_a_snapshot_has_all_own_data_and_the_position(people: People) -> None:
    run = queue_run(people.owner)
    log = Workload.objects.create(owner=people.owner, name="log.csv", state="ready")
    shown = rest(people.owner).get(f"/api/snapshot/?thread={run.thread_id}").json()
    now = read.get_head_position(people.owner.id)
    assert shown["position"] == {"epoch": str(now.epoch), "seq": now.seq}
    assert [each["id"] for each in shown["threads"]] == [str(run.thread_id)]
    assert [each["id"] for each in shown["workloads"]] == [str(log.id)]
    assert shown["thread"]["messages"][0]["run"]["id"] == str(run.id)


def test_a_snapshot_and_later_events_contain_everything_once(people: People) -> None:
    """Nothing may fall between a snapshot and its position, nor be in both."""
    thread = queue_run(people.owner).thread_id
    shown = rest(people.owner).get(f"/api/snapshot/?thread={thread}").json()
    queue_run(people.owner, "later", thread_id=thread)
    position = shown["position"]
    path = f"/api/events/?epoch={position['epoch']}&after={position['seq']}"
    later = rest(people.owner).get(path).json()
    before = [event for message in shown["thread"]["messages"] for event in message["run"]["events"]]
    assert [event["text"] for event in before + later["events"]] == ["cut my spend", "later"]
    assert (later["after"], later["upto"]) == (1, 2)


@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_a_snapshot_has_no_data_of_other_users(people: People, who: str) -> None:
    run, other = queue_run(people.owner), rest(getattr(people, who))
    Workload.objects.create(owner=people.owner, name="log.csv", state="ready")
    shown = other.get("/api/snapshot/").json()
    assert (shown["threads"], shown["workloads"], shown["uploads"], shown["thread"]) == ([], [], [], None)
    assert is_refused(other.get(f"/api/snapshot/?thread={run.thread_id}"), 404, "not_found")


def test_a_snapshot_has_old_pinned_conversations_once(people: People) -> None:
    old = queue_run(people.owner).thread
    newest = [Thread.objects.create(owner=people.owner) for _ in range(pagination.DEFAULT_LIMIT)][-1]
    Thread.objects.create(owner=people.neighbour, pinned=True)
    for pinned in ([], [old.id], [old.id, newest.id]):
        Thread.objects.filter(id__in=pinned).update(pinned=True)
        listed = [each["id"] for each in rest(people.owner).get("/api/snapshot/").json()["threads"]]
        assert (listed[0], len(set(listed))) == (str(newest.id), len(listed))
        assert listed[pagination.DEFAULT_LIMIT :] == [str(old.id) for _ in pinned[:1]]


def test_events_are_the_users_own_from_the_start_or_a_position(people: People) -> None:
    queue_run(people.owner, "one")
    queue_run(people.owner, "two")
    queue_run(people.neighbour, "theirs")
    mine = rest(people.owner).get("/api/events/").json()
    assert [event["text"] for event in mine["events"]] == ["one", "two"]
    assert mine["user_id"] == str(people.owner.id)
    rest_of = rest(people.owner).get(f"/api/events/?epoch={mine['epoch']}&after=1").json()
    assert [event["text"] for event in rest_of["events"]] == ["two"]
    assert rest(people.stranger).get("/api/events/").json()["events"] == []


def test_an_unusable_position_is_resynced(people: People) -> None:
    queue_run(people.owner)
    epoch = rest(people.owner).get("/api/events/").json()["epoch"]
    for query in (f"epoch={uuid4()}&after=0", f"epoch={epoch}&after=9"):
        told = rest(people.owner).get(f"/api/events/?{query}").json()
        assert told == {"type": "resync", "position": {"epoch": epoch, "seq": 1}}


@pytest.mark.parametrize("query", ["epoch=default", "after=-1", "limit=0", "limit=501", "after=x"])
def test_an_invalid_position_is_an_error(people: People, query: str) -> None:
    assert is_refused(rest(people.owner).get(f"/api/events/?{query}"), 400, "bad_input")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["snapshot", "events"])
def test_a_user_erased_during_the_request_gets_401(people: People, path: str) -> None:
    mine = rest(people.owner)
    User.objects.filter(id=people.owner.id).delete()
    assert is_refused(mine.get(f"/api/{path}/"), 401, "not_authenticated")
