"""One behaviour of all stores: a folder's, and a server's that speaks S3, also if it is ill."""

import time
from pathlib import Path

import pytest

from core.exceptions import StorageFull, StoreUnavailable
from core.objects.store import RANGE_BYTES, ObjectStore
from tests.parts.s3 import S3
from tests.support.fault_proxy import Fault
from tests.support.stores import IllStore


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    if request.param == "folder":
        found: ObjectStore = request.getfixturevalue("folder_store")
        return found
    ill: IllStore = request.getfixturevalue("ill_store")
    return ill.store


def keys(store: ObjectStore, prefix: str) -> list[str]:
    return sorted(each.key for each in store.list_below(prefix))


def test_what_is_stored_is_found_below_its_prefix_only(store: ObjectStore, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"0123456789")
    store.put_bytes("anna/1/parts/a", b"one")
    store.put_bytes("anna/1/parts/a", b"two")
    store.put_file("anna/10/b", file)
    store.put_bytes("annabel/1/c", b"hers")
    assert store.get_bytes("anna/1/parts/a") == b"two"
    assert store.get_bytes("anna/10/b") == b"0123456789"
    assert store.get_bytes("anna/1/parts/none") is None
    assert keys(store, "anna") == ["anna/1/parts/a", "anna/10/b"]
    assert keys(store, "anna/1") == ["anna/1/parts/a"]
    assert keys(store, "nobody") == []
    assert sorted(store.list_folders()) == ["anna", "annabel"]
    store.check()

    assert store.delete_below("anna") == 2
    store.delete(["anna/1/parts/a", "anna/10/b", "nobody/x"])
    assert keys(store, "anna") == []
    assert store.get_bytes("annabel/1/c") == b"hers"


def test_a_file_arrives_in_ranges_behind_what_is_there(
    store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.objects.store.RANGE_BYTES", 4)
    store.put_bytes("a/one", b"0123456789")
    store.put_bytes("a/two", b"abc")
    target = tmp_path / "target"
    first = store.append_to_file("a/one", 10, target, until=time.monotonic() + 300)
    store.append_to_file("a/two", 3, target, until=time.monotonic() + 300)
    assert target.read_bytes() == b"0123456789abc"
    assert first == "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"
    with pytest.raises(FileNotFoundError):
        store.append_to_file("a/none", 3, target, until=time.monotonic() + 300)
    with pytest.raises(StoreUnavailable, match="too slow"):
        store.append_to_file("a/one", 10, target, until=time.monotonic() - 1)


def test_a_large_file_is_stored_in_several_requests(ill_store: IllStore, tmp_path: Path) -> None:
    file = tmp_path / "file"
    with file.open("wb") as sparse:
        sparse.truncate(RANGE_BYTES + 5)
    ill_store.store.put_file("a/large", file)
    assert [each.size for each in ill_store.store.list_below("a")] == [RANGE_BYTES + 5]


@pytest.mark.long
@pytest.mark.parametrize("fault", ["refused", "cut", "status"])
def test_a_store_that_is_ill_says_so_and_is_well_again_by_itself(
    ill_store: IllStore, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    ill_store.store.put_bytes("a/b", b"kept")
    ill_store.proxy.set_fault(fault)
    for attempt in (
        lambda: ill_store.store.put_bytes("a/c", b"new"),
        lambda: ill_store.store.get_bytes("a/b"),
        lambda: list(ill_store.store.list_below("a")),
        lambda: ill_store.store.delete(["a/b"]),
        ill_store.store.check,
    ):
        with pytest.raises(StoreUnavailable) as refused:
            attempt()
        assert "127.0.0.1" not in str(refused.value)
    assert "the file store failed" in caplog.text
    ill_store.proxy.set_fault("none")
    assert ill_store.store.get_bytes("a/b") in (b"kept", None)  # a deletion whose answer was cut was made
    ill_store.store.put_bytes("a/c", b"new")
    assert ill_store.healthy.get_bytes("a/c") == b"new"


def test_a_store_that_does_not_answer_is_not_waited_for(s3_server: S3, ill_store: IllStore) -> None:
    ill_store.proxy.set_fault("silent")
    quick = ObjectStore(s3_server.url("quick", port=ill_store.proxy.port, timeout="0.2"))
    with pytest.raises(StoreUnavailable):
        quick.get_bytes("a/b")


def test_a_full_store_is_told_from_one_that_is_away(ill_store: IllStore, tmp_path: Path) -> None:
    ill_store.proxy.set_fault("status", status=507)
    with pytest.raises(StorageFull, match="no space left in the file store"):
        ill_store.store.put_bytes("a/b", b"new")


def test_a_bucket_that_is_missing_is_no_missing_object(s3_server: S3) -> None:
    elsewhere = ObjectStore(s3_server.url("x").replace("s3://netra/", "s3://another/"))
    with pytest.raises(StoreUnavailable):
        elsewhere.check()
    with pytest.raises(StoreUnavailable):
        elsewhere.get_bytes("a")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://bucket/secret-word",
        "s3://?secret_access_key=secret-word",
        "s3://bucket?bogus=secret-word",
        "s3://bucket?timeout=0&secret_access_key=secret-word",
        "s3://bucket?timeout=secret-word",
        "/var/secret-word",
    ],
)
def test_an_address_that_cannot_be_one_is_refused_without_its_secrets(url: str) -> None:
    with pytest.raises(ValueError) as refused:
        ObjectStore(url)
    assert "secret-word" not in str(refused.value)
