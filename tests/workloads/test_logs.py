from pathlib import Path

import pytest

from core.exceptions import BadInput, Conflict, NotFound
from core.models import User
from tests.conftest import People
from tests.support.running_worker import import_log, log_file
from tests.support.workloads.uploaded_logs import list_user_events, upload_log
from workloads import logs
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
