import json
from pathlib import Path

import pytest

from tests.conftest import People
from tests.workloads.arriving import files, states
from workloads import starter
from workloads.models import Workload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starter, "REQUESTS", 1_000)


def test_everyone_gets_a_copy_of_their_own(people: People, tmp_path: Path) -> None:
    mine, theirs = (starter.give(user.id, tmp_path) for user in (people.owner, people.neighbour))
    assert mine.raw(tmp_path).read_bytes() == theirs.raw(tmp_path).read_bytes()
    assert json.loads(mine.raw(tmp_path).read_text().partition("\n")[0])["synthetic"]
    assert mine.raw(tmp_path).stat().st_ino != theirs.raw(tmp_path).stat().st_ino
    assert (mine.state, mine.raw_kept, mine.size) == ("queued", True, mine.raw(tmp_path).stat().st_size)
    assert states(people.owner) == ["queued"]


def test_it_is_written_once(people: People, tmp_path: Path) -> None:
    before = starter.sample_file(tmp_path).stat().st_mtime_ns
    starter.give(people.owner.id, tmp_path)
    assert starter.sample_file(tmp_path).stat().st_mtime_ns == before


def test_a_copy_that_cannot_be_owned_is_not_kept(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("the database is away")

    monkeypatch.setattr(Workload, "save", fails)
    with pytest.raises(RuntimeError):
        starter.give(people.owner.id, tmp_path)
    assert files(tmp_path) == ["samples/usage.jsonl"]
