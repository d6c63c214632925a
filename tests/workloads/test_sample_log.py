import json
from pathlib import Path

import pytest

from tests.conftest import People
from tests.support.workloads.uploaded_logs import files, states
from workloads import logs
from workloads.models import Workload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "SAMPLE_REQUESTS", 1_000)


def test_everyone_gets_a_copy_of_their_own(people: People, tmp_path: Path) -> None:
    mine, theirs = (logs.create_sample_log(user.id, tmp_path) for user in (people.owner, people.neighbour))
    assert mine.get_raw_path(tmp_path).read_bytes() == theirs.get_raw_path(tmp_path).read_bytes()
    assert json.loads(mine.get_raw_path(tmp_path).read_text().partition("\n")[0])["synthetic"]
    assert mine.get_raw_path(tmp_path).stat().st_ino != theirs.get_raw_path(tmp_path).stat().st_ino
    assert (mine.state, mine.raw_kept, mine.size) == ("queued", True, mine.get_raw_path(tmp_path).stat().st_size)
    assert states(people.owner) == ["queued"]


def test_it_is_written_once(people: People, tmp_path: Path) -> None:
    before = logs.ensure_sample_file(tmp_path).stat().st_mtime_ns
    logs.create_sample_log(people.owner.id, tmp_path)
    assert logs.ensure_sample_file(tmp_path).stat().st_mtime_ns == before


def test_a_copy_that_cannot_be_owned_is_not_kept(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(Workload, "save", fails)
    with pytest.raises(RuntimeError):
        logs.create_sample_log(people.owner.id, tmp_path)
    assert files(tmp_path) == ["samples/usage.jsonl"]
