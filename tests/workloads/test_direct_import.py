import errno
from pathlib import Path

import pytest

from core.exceptions import BadInput, StorageFull
from tests.conftest import People
from tests.support.running_worker import import_log, log_file
from workloads import direct_import
from workloads.ingest.database import attach_log
from workloads.models import Workload

pytestmark = pytest.mark.django_db


def rows(workload: Workload, data_dir: Path) -> object:
    con = attach_log(workload.get_path(data_dir), temp=data_dir / "temp")
    try:
        return con.execute("SELECT count(*) FROM log.requests").fetchone()
    finally:
        con.close()


def list_stored_files(data_dir: Path) -> list[Path]:
    return [path for path in data_dir.rglob("*") if path.is_file()]


def test_two_logs_of_the_same_name_are_two(people: People, tmp_path: Path) -> None:
    first = import_log(people.owner, log_file(tmp_path / "june", feature="x", rows=2), tmp_path / "data")
    second = import_log(people.owner, log_file(tmp_path / "july", feature="x", rows=3), tmp_path / "data")
    assert first.name == second.name
    assert (rows(first, tmp_path / "data"), rows(second, tmp_path / "data")) == ((2,), (3,))


def test_a_log_is_imported_without_its_figures(people: People, tmp_path: Path) -> None:
    file = log_file(tmp_path / "june", feature="x", rows=2)
    workload = direct_import.import_file(people.owner.id, file, data_dir=tmp_path / "data", precompute=False)
    assert rows(workload, tmp_path / "data") == (2,)


@pytest.mark.parametrize("name", ["..", "../../etc/passwd", "/etc/passwd", "a\nb", "x" * 255])
def test_a_path_is_made_of_ids_whatever_the_name(people: People, tmp_path: Path, name: str) -> None:
    workload = Workload(owner=people.owner, name=name)
    assert workload.get_path(tmp_path) == tmp_path / "workloads" / str(people.owner.id) / f"{workload.id}.duckdb"


@pytest.mark.parametrize(
    "error", [RuntimeError("the database is away"), pytest.param(KeyboardInterrupt(), marks=pytest.mark.soak)]
)
def test_a_log_that_cannot_be_owned_is_not_kept(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    file = log_file(tmp_path / "logs", feature="x")
    monkeypatch.setattr(Workload, "save", fails)
    with pytest.raises(type(error)):
        import_log(people.owner, file, tmp_path / "data")
    assert list_stored_files(tmp_path / "data") == []


@pytest.mark.parametrize("code", ["ENOSPC", "EDQUOT", "EFBIG"])
def test_a_full_disk_is_the_operators_to_mend(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(getattr(errno, code), "no room")

    monkeypatch.setattr(direct_import, "ingest_in_child", full)
    with pytest.raises(StorageFull):
        import_log(people.owner, log_file(tmp_path / "logs", feature="x"), tmp_path / "data")
    assert not Workload.objects.exists()


def test_what_is_no_log_leaves_nothing(people: People, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").touch()
    with pytest.raises(BadInput):
        import_log(people.owner, tmp_path / "empty.csv", tmp_path / "data")
    assert list_stored_files(tmp_path / "data") == []
    assert not Workload.objects.exists()
