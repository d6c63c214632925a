"""A server and a worker on two machines, which share PostgreSQL, Redis and an object store, and no folder."""

import asyncio
import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from core.objects.store import ObjectStore
from tests.faults.clients.listener import ReceivedStream, listening
from tests.faults.conftest import MISSING
from tests.faults.installation import Installation, list_complaints, open_scaled_out
from tests.faults.test_full_disk import LOG, Caller
from tests.parts import postgresql, redis
from tests.parts.s3 import S3
from tests.support.fault_proxy import FaultProxy, fault_proxy
from tests.support.live_server import LiveServer
from tests.support.workloads.uploaded_logs import until

QUERY = {"query": {"measures": ["requests"]}}


def list_files(*folders: Path) -> list[str]:
    """The files of logs and of work on them that are left on machines, apart from copies."""
    kinds = [folder / kind for folder in folders for kind in ("workloads", "uploads", "scratch")]
    return [str(path) for kind in kinds for path in kind.rglob("*") if path.is_file()]


async def play(server: LiveServer, caller: Caller, told: ReceivedStream, log: str) -> None:
    async with listening(server, told) as mine:
        run = await mine.start("what did I spend?", workload_id=log)
        await mine.until(lambda told: bool(told.ends(run)))
        (end,) = told.ends(run)
        assert end["type"] == "agent_completed", end
        assert "0.13" in end["answer"], end["answer"]  # 50 requests at $0.0026


@pytest.mark.soak
def test_machines_without_a_common_folder_work_on_the_same_logs(
    tmp_path_factory: pytest.TempPathFactory, s3_server: S3
) -> None:
    if postgresql.find_programs() is None or not redis.is_installed():
        pytest.skip(MISSING)
    folder = tmp_path_factory.mktemp("machines")
    with fault_proxy(s3_server.port) as proxy, open_scaled_out(folder / "one") as scaled:
        store = ObjectStore(s3_server.url("machines"))
        shared = {"store": s3_server.url("machines", port=proxy.port, timeout="5"), "data_shared": "false"}
        (two := folder / "two").mkdir(mode=0o700)
        with (
            scaled.server("front", runner="off", **shared) as server,
            scaled.worker("worker", data_dir=str(two), **shared) as worker,
        ):
            check_life_of_a_log(scaled, server, proxy, store, two)
            # Django logs each answer of 503.
            assert list_complaints(server, apart_from="django.request") == []
            assert list_complaints(worker) == []


def check_life_of_a_log(
    scaled: Installation, server: LiveServer, proxy: FaultProxy, store: ObjectStore, other: Path
) -> None:
    (person,) = scaled.people(1)
    caller, told = Caller(server, person), ReceivedStream(person)
    upload = caller.announce(len(LOG))
    caller.bring(upload, LOG[:100])
    proxy.set_fault("refused")
    refused = caller.bring(upload, LOG[100:], offset=100, expect=503)
    assert refused["code"] == "store_unavailable"
    assert "This part was not saved; your upload so far is" in refused["message"]
    proxy.set_fault("none")
    log = str(caller.bring(upload, LOG[100:], offset=100)["workload"]["id"])
    assert caller.log(log, "ready", "failed")["state"] == "ready"

    asyncio.run(play(server, caller, told, log))  # by the worker
    answer = caller.ask("POST", f"workloads/{log}/query/", 200, QUERY)  # by the server
    assert "50" in json.dumps(answer)
    assert list_files(server.data_dir, other) == []
    proxy.set_fault("refused")
    assert caller.ask("POST", f"workloads/{log}/query/", 200, QUERY) == answer
    headers = {"Authorization": f"Token {person.token}"}
    with urlopen(Request(f"{server.origin}/api/workloads/{log}/", method="DELETE", headers=headers)) as deleted:
        assert deleted.status == 204
    proxy.set_fault("none")

    async def is_gone() -> bool:
        return not await asyncio.to_thread(lambda: list(store.list_below(person.id)))

    asyncio.run(until(is_gone))
