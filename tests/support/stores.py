"""Object stores for tests: a server that speaks S3, which the tests of a session share, each below its own prefix."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from pytest_django import Settings

from core.objects.installed import InstalledStore
from core.objects.store import ObjectStore
from tests.parts.s3 import S3, s3
from tests.support.fault_proxy import FaultProxy, fault_proxy


@dataclass(frozen=True, slots=True)
class IllStore:
    """A store behind a proxy that makes faults, and the same store without one."""

    store: ObjectStore
    healthy: ObjectStore
    proxy: FaultProxy
    url: str

    def list_keys(self, prefix: str = "") -> list[str]:
        return sorted(each.key for each in self.healthy.list_below(prefix))


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    with s3() as server:
        yield server


@pytest.fixture
def ill_store(s3_server: S3) -> Iterator[IllStore]:
    prefix = uuid4().hex
    with fault_proxy(s3_server.port) as proxy:
        url = s3_server.url(prefix, port=proxy.port, timeout="5")
        yield IllStore(ObjectStore(url), ObjectStore(s3_server.url(prefix)), proxy, url)


@pytest.fixture
def installed_store(ill_store: IllStore, settings: Settings) -> IllStore:
    """The store of this process's installation."""
    settings.OBJECT_STORE = InstalledStore(
        store=ill_store.store, quick=ill_store.store, cache_bytes=1 << 30, reserve_bytes=0
    )
    return ill_store


@pytest.fixture
def folder_store(tmp_path: Path) -> ObjectStore:
    """A store in a folder, which needs no server."""
    return ObjectStore((tmp_path / "store").as_uri())
