import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db.models import Q

from agents import queries
from agents.models import Run, Step
from agents.retention import OldEvents, OrphanedScratch, list_scratch_folders
from core.models import Event, User, UserStream
from core.stream import read as stream_read
from core.stream import retention
from core.stream.append import publish_to_nobody
from core.stream.batches import Batch, Position, Resync
from tests.agents.claimed_runs import connection, queue_run
from tests.conftest import People
from workloads.models import Workload

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)
OLD = OldEvents(ended_before=NOW - timedelta(days=30))


def over(user: User, *, days: int) -> Run:
    """A run that was cancelled so many days ago: two events."""
    from agents import runs

    run = queue_run(user)
    runs.cancel_run(connection(user), run.id, publish=publish_to_nobody)
    Run.objects.filter(id=run.id).update(ended_at=NOW - timedelta(days=days))
    return run


def seqs(user: User) -> list[int]:
    return list(Event.objects.for_user(user.id).order_by("seq").values_list("seq", flat=True))


def read(user: User, seq: int) -> Batch | Resync:
    return stream_read.read_after(user.id, Position(epoch=stream_read.get_head_position(user.id).epoch, seq=seq))


def test_only_events_of_old_ended_runs_are_pruned(people: People) -> None:
    old, new = over(people.owner, days=31), over(people.owner, days=29)
    open_ = queue_run(people.owner)
    Step.objects.create(owner=people.owner, run=old, agent="data", attempt=1, output={})
    over(people.neighbour, days=1)
    others = seqs(people.neighbour)
    found = OLD.find()
    assert (found.count, found.size > 100) == (2, True)
    assert seqs(people.owner) == [1, 2, 3, 4, 5]
    assert OLD.remove() == found
    assert seqs(people.owner) == [3, 4, 5]
    assert seqs(people.neighbour) == others
    assert {run.id for run in queries.list_runs(people.owner.id)} == {old.id, new.id, open_.id}
    ending = Run.objects.get(id=old.id).ending
    assert ending is not None
    assert ending["message"] == "Cancelled before it started."
    assert Step.objects.count() == 1
    assert OLD.remove().count == 0


def test_a_position_before_pruned_events_is_resynced(people: People) -> None:
    over(people.owner, days=31)
    over(people.owner, days=1)
    OLD.remove()
    for seq in (0, 1):
        assert isinstance(read(people.owner, seq), Resync)
    news = read(people.owner, 2)
    assert isinstance(news, Batch)
    assert (news.after, news.upto, len(news.events)) == (2, 4, 2)


def test_retained_events_between_pruned_ones_are_no_partial_stream(people: People) -> None:
    new = queue_run(people.owner)
    over(people.owner, days=31)
    OLD.remove()
    assert seqs(people.owner) == [1]
    assert isinstance(read(people.owner, 0), Resync)
    assert [row.seq for row in queries.list_events(people.owner.id, [new.id])] == [1]


def test_the_lowest_position_only_rises(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "EVENTS_PER_TRANSACTION", 3)
    for _ in range(4):
        over(people.owner, days=31)
    assert OLD.remove().count == 8
    assert UserStream.objects.get(owner=people.owner).floor == 8
    over(people.owner, days=31)
    UserStream.objects.update(floor=100)
    OLD.remove()
    assert UserStream.objects.get(owner=people.owner).floor == 100


def test_an_earlier_epoch_does_not_change_the_lowest_position(people: People) -> None:
    over(people.owner, days=31)
    UserStream.objects.filter(owner=people.owner).update(epoch=people.stranger.id)
    assert OLD.remove().count == 2
    assert UserStream.objects.get(owner=people.owner).floor == 0


def test_pruning_affects_only_its_user(people: People) -> None:
    for user in (people.owner, people.neighbour):
        over(user, days=31)
    assert retention.delete_events(people.owner.id, Q()) == 2
    assert seqs(people.neighbour) == [1, 2]


def make_scratch(data_dir: Path, name: str, *, hours: float) -> Path:
    folder = data_dir / "scratch" / name
    folder.mkdir(parents=True)
    (folder / "spilled").write_bytes(b"x" * 10)
    then = (NOW - timedelta(hours=hours)).timestamp()
    for path in (folder / "spilled", folder):
        os.utime(path, (then, then))
    return folder


def test_only_old_scratch_folders_of_nothing_that_exists_are_removed(people: People, tmp_path: Path) -> None:
    run = queue_run(people.owner)
    log = Workload.objects.create(owner=people.owner, name="log.csv", source={}, state="ready")
    gone = [make_scratch(tmp_path, f"{uuid4()}-1", hours=2), make_scratch(tmp_path, f"read-{uuid4()}-1", hours=2)]
    kept = [
        make_scratch(tmp_path, f"{run.id}-1", hours=2),
        make_scratch(tmp_path, f"read-{log.id}-1", hours=2),
        make_scratch(tmp_path, f"{uuid4()}-1", hours=0.5),
        make_scratch(tmp_path, "somebody-s", hours=2),
    ]
    orphans = OrphanedScratch(data_dir=tmp_path, now=NOW)
    found = orphans.find()
    assert (found.count, found.size >= 20) == (2, True)
    assert orphans.remove() == found
    assert [folder.exists() for folder in (*gone, *kept)] == [False, False, True, True, True, True]
    assert list_scratch_folders({run.id}, tmp_path) == [kept[0]]
    assert orphans.remove().count == 0
