import json
from pathlib import Path
from threading import Event as Stop

import pytest

from core.exceptions import NotFound
from core.models import Event
from tests.conftest import People
from tests.support.workloads.uploaded_logs import begin_import, files, list_user_events, upload_log
from workloads import import_attempt, logs
from workloads.models import Upload, Workload

pytestmark = pytest.mark.django_db


def test_nothing_of_a_log_is_left(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path, name="canary.csv")
    claim = begin_import(workload)
    import_attempt.store_result(claim, import_attempt.run_import(claim, tmp_path, Stop()), tmp_path)
    (workload.get_path(tmp_path).parent / f".{workload.id}.duckdb.2").touch()
    logs.delete_log(people.owner.id, workload.id, tmp_path)
    assert files(tmp_path) == []
    assert not Workload.objects.exists()
    assert not Upload.objects.exists()
    assert [event.type for event in list_user_events(people.owner)] == ["workload_deleted"]
    assert "canary" not in json.dumps(list(Event.objects.values_list("payload", flat=True)))


def test_a_log_that_was_never_read_goes_too(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    logs.delete_log(people.owner.id, workload.id, tmp_path)
    assert files(tmp_path) == []


def test_others_stay(people: People, tmp_path: Path) -> None:
    mine, kept, theirs = (upload_log(user, tmp_path) for user in (people.owner, people.owner, people.neighbour))
    logs.delete_log(people.owner.id, mine.id, tmp_path)
    assert set(Workload.objects.all()) == {kept, theirs}
    assert len(files(tmp_path)) == 2


def test_a_stranger_deletes_nothing(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    for other in (people.neighbour, people.stranger):
        with pytest.raises(NotFound):
            logs.delete_log(other.id, workload.id, tmp_path)
    assert len(files(tmp_path)) == 1
