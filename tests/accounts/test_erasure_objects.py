"""An erased user leaves nothing in the object store, also if it is away when they are erased."""

import asyncio
from pathlib import Path
from zipfile import ZipFile

import pytest
from asgiref.sync import sync_to_async

from accounts.erasure import ErasureTimeouts, erase_user, preview_erasure
from accounts.export import export_user
from core.concurrency.database_threads import SharedThreadExecutor
from core.exceptions import OperatorError
from core.models import User
from tests.conftest import People
from tests.support.claimed_jobs import has_job
from tests.support.runners import running_kinds
from tests.support.stores import IllStore
from tests.support.workloads.stored_logs import ask, read_log
from tests.support.workloads.uploaded_logs import LOG, begin_upload, part, until
from workloads.files import object_jobs
from workloads.files.upkeep import build_object_kinds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.long]

TIMEOUTS = ErasureTimeouts(pages=0, runs=0, quiet=0.1, disk=30)
CANARY = b"canary-of-the-owner"


def write_log(canary: bytes) -> bytes:
    return (
        b"timestamp,model,input_tokens,output_tokens,feature\n" + b"2026-01-01T00:00:00Z,gpt-4o,1000,10,%s\n" % canary
    )


def fill(people: People, data_dir: Path) -> None:
    read_log(people.owner, data_dir, write_log(CANARY))
    part(begin_upload(people.owner, data_dir), LOG[:50], data_dir)


def find_canaries(store: IllStore, data_dir: Path) -> list[str]:
    """The keys and files that have the owner's word."""
    keys = [key for key in store.list_keys() if CANARY in (store.healthy.get_bytes(key) or b"")]
    files = [path for path in data_dir.rglob("*") if path.is_file() and CANARY in path.read_bytes()]
    return [*keys, *map(str, files)]


def test_no_object_of_an_erased_user_is_left(people: People, tmp_path: Path, installed_store: IllStore) -> None:
    fill(people, tmp_path)
    theirs = read_log(people.neighbour, tmp_path)
    assert find_canaries(installed_store, tmp_path)
    (objects,) = [each for each in preview_erasure(people.owner, tmp_path) if "file store" in str(each.what)]
    assert objects.count == len(installed_store.list_keys(str(people.owner.id)))

    erase_user(people.owner, tmp_path, TIMEOUTS)
    assert installed_store.list_keys(str(people.owner.id)) == []
    assert find_canaries(installed_store, tmp_path) == []
    assert str(people.owner.id) not in "".join(map(str, tmp_path.rglob("*")))
    assert ask(theirs, tmp_path) == 5


async def test_what_could_not_be_deleted_is_deleted_when_the_store_is_back(
    people: People, tmp_path: Path, installed_store: IllStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_jobs, "AFTER_ERASURE", object_jobs.RETRY_DELAY / 1000)
    monkeypatch.setattr(object_jobs, "RETRY_DELAY", object_jobs.RETRY_DELAY / 1000)
    await sync_to_async(fill)(people, tmp_path)
    await asyncio.to_thread(installed_store.proxy.set_fault, "refused")
    preview = await sync_to_async(preview_erasure)(people.owner, tmp_path)
    assert "can't be reached" in str(preview[-1].what)
    with pytest.raises(OperatorError, match="deletes the user's files there as soon as it can"):
        await sync_to_async(erase_user)(people.owner, tmp_path, TIMEOUTS)
    assert not await User.objects.filter(id=people.owner.id).aexists()
    async with running_kinds(*build_object_kinds(SharedThreadExecutor()), concurrency=2):
        await asyncio.to_thread(installed_store.proxy.set_fault, "none")

        async def is_gone() -> bool:
            keys = await asyncio.to_thread(installed_store.list_keys, str(people.owner.id))
            return not keys and not await sync_to_async(has_job)(object_jobs.DELETE_OBJECTS, str(people.owner.id))

        await until(is_gone)
    assert await asyncio.to_thread(find_canaries, installed_store, tmp_path) == []


def test_an_export_has_what_is_in_the_store(people: People, tmp_path: Path, installed_store: IllStore) -> None:
    fill(people, tmp_path)
    export_user(people.owner, tmp_path / "export.zip", tmp_path)
    with ZipFile(tmp_path / "export.zip") as archive:
        contents = {name.partition("/")[0]: archive.read(name) for name in archive.namelist() if "/" in name}
    assert contents["workload"] == write_log(CANARY)
    assert contents["upload"] == LOG[:50]
