from pathlib import Path

import pytest

from core.exceptions import BadInput, Conflict, NotFound
from core.jobs.queue import get_queue
from core.models import User
from tests.conftest import People
from tests.support.running_worker import import_log, log_file
from tests.support.workloads.uploaded_logs import list_user_events, require, upload_log
from workloads import logs
from workloads.import_queue import IMPORT, begin_import, build_job, is_current
from workloads.models import Workload

pytestmark = pytest.mark.django_db


def create_failed_log(user: User, data_dir: Path) -> Workload:
    workload = upload_log(user, data_dir, mapping={"time": "timestamp"})
    seen = {"columns": [{"name": "in", "examples": []}]}
    Workload.objects.filter(id=workload.id).update(state="failed", error_code="bad_input", error="no", preview=seen)
    return workload


def test_a_renamed_log_is_told_of(people: People, tmp_path: Path) -> None:
    workload = logs.rename_log(people.owner.id, upload_log(people.owner, tmp_path).id, "June\u202e\n")
    assert Workload.objects.get(id=workload.id).name == "June"
    assert list_user_events(people.owner)[-1].model_dump(include={"name", "state"}) == {
        "name": "June",
        "state": "queued",
    }


def test_a_log_is_queued_again_with_another_mapping(people: People, tmp_path: Path) -> None:
    workload = create_failed_log(people.owner, tmp_path)
    again = logs.reread_log(people.owner.id, workload.id, form="netra", mapping={"input_tokens": "in"})
    again.refresh_from_db()
    assert (again.state, again.error, again.error_code) == ("queued", "", "")
    assert (again.form, again.mapping) == ("netra", {"input_tokens": "in"})


def test_reading_again_is_stopped_and_the_earlier_import_stays(people: People, tmp_path: Path) -> None:
    workload = create_failed_log(people.owner, tmp_path)
    Workload.objects.filter(id=workload.id).update(source={"rows": 5}, state="ready")
    logs.reread_log(people.owner.id, workload.id, form="", mapping={})
    job = require(begin_import(build_job(IMPORT, workload)))
    assert is_current(job)
    with pytest.raises(NotFound):
        logs.stop_rereading(people.stranger.id, workload.id)
    stopped = logs.stop_rereading(people.owner.id, workload.id)
    assert (stopped.state, stopped.source, stopped.progress) == ("ready", {"rows": 5}, None)
    assert not is_current(job)
    assert get_queue().find_open(IMPORT, [str(workload.id)]) == set()
    with pytest.raises(Conflict, match="not being read"):
        logs.stop_rereading(people.owner.id, workload.id)


def test_a_first_reading_has_nothing_to_go_back_to(people: People, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="Delete it instead"):
        logs.stop_rereading(people.owner.id, upload_log(people.owner, tmp_path).id)


def test_a_log_that_is_being_read_is_left_alone(people: People, tmp_path: Path) -> None:
    with pytest.raises(Conflict):
        logs.reread_log(people.owner.id, upload_log(people.owner, tmp_path).id, form="", mapping={})


def test_a_log_whose_file_was_not_kept_is_to_be_brought_again(people: People, tmp_path: Path) -> None:
    workload = import_log(people.owner, log_file(tmp_path / "logs", feature="x"), tmp_path)
    with pytest.raises(Conflict, match="Upload it again"):
        logs.reread_log(people.owner.id, workload.id, form="", mapping={})


def test_what_there_is_not_is_refused_at_once(people: People, tmp_path: Path) -> None:
    workload = create_failed_log(people.owner, tmp_path)
    with pytest.raises(BadInput, match="Unknown format"):
        logs.reread_log(people.owner.id, workload.id, form="xlsx", mapping={})
    with pytest.raises(BadInput, match="Unknown field"):
        logs.reread_log(people.owner.id, workload.id, form="", mapping={"prize": "x"})


def test_a_stranger_finds_nothing(people: People, tmp_path: Path) -> None:
    workload = create_failed_log(people.owner, tmp_path)
    for other in (people.neighbour, people.stranger):
        assert not logs.list_logs(other.id)
        with pytest.raises(NotFound):
            logs.get_log(other.id, workload.id)
        with pytest.raises(NotFound):
            logs.rename_log(other.id, workload.id, "mine")
        with pytest.raises(NotFound):
            logs.reread_log(other.id, workload.id, form="", mapping={})
