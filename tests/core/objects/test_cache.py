"""Copies of objects: bounded, shared by processes, and never taken away from a reader."""

import fcntl
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from core.exceptions import StorageFull, StoreUnavailable
from core.i18n.text import text
from core.objects.cache import LOCK_NAME, FileCache

SIZE = 100


def build_cache(folder: Path, *, limit: int = 10 * SIZE, free: int = 1 << 40) -> FileCache:
    return FileCache(folder=folder, limit=limit, reserve=0, free=lambda _: free)


def fetch(path: Path) -> None:
    path.write_bytes(b"x" * SIZE)


def refuse(path: Path) -> None:
    raise AssertionError("it is there already")


def key(name: str) -> str:
    return f"user/{name}/1/log.duckdb"


def test_a_copy_is_fetched_once(tmp_path: Path) -> None:
    cache = build_cache(tmp_path)
    with cache.hold(key("a"), SIZE, fetch) as path:
        assert path.read_bytes() == b"x" * SIZE
    with cache.hold(key("a"), SIZE, refuse) as path:
        assert path.read_bytes() == b"x" * SIZE
    assert cache.list_keys() == [key("a")]


def test_a_copy_that_could_not_be_fetched_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.write_bytes(b"half")
        raise StoreUnavailable(text("away"))

    cache = build_cache(tmp_path)
    with pytest.raises(StoreUnavailable), cache.hold(key("a"), SIZE, fail):
        pass
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_what_was_used_longest_ago_makes_room_with_what_belongs_to_it(tmp_path: Path) -> None:
    cache = build_cache(tmp_path, limit=3 * SIZE)
    for name in "abc":
        with cache.hold(key(name), SIZE, fetch) as path:
            os.utime(path, ns=(ord(name), path.stat().st_mtime_ns))
    (tmp_path / "user/b/1/answers").mkdir()
    with cache.hold(key("a"), SIZE, refuse):
        pass
    with cache.hold(key("d"), SIZE, fetch):
        pass
    assert sorted(cache.list_keys()) == [key("a"), key("c"), key("d")]
    assert not (tmp_path / "user/b/1").exists()


def test_a_copy_that_is_held_stays_until_it_is_released(tmp_path: Path) -> None:
    cache = build_cache(tmp_path, limit=SIZE)
    with cache.hold(key("a"), SIZE, fetch) as path:
        with cache.hold(key("b"), SIZE, fetch):
            assert path.exists()
        cache.evict()
        assert cache.list_keys() == [key("a")]
    with cache.hold(key("c"), SIZE, fetch):
        assert cache.list_keys() == [key("c")]


def test_nobody_waits_to_evict_while_another_process_puts_a_copy_into_its_folder(tmp_path: Path) -> None:
    """That process may be frozen."""
    cache = build_cache(tmp_path, limit=SIZE)
    with cache.hold(key("a"), SIZE, fetch):
        pass
    with (tmp_path / LOCK_NAME).open() as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        with cache.hold(key("b"), SIZE, fetch):
            assert sorted(cache.list_keys()) == [key("a"), key("b")]
    cache.evict()
    assert cache.list_keys() == [key("b")]


def test_the_folders_are_not_locked_while_a_copy_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache, removed = build_cache(tmp_path), list[Path]()

    def remove(path: Path) -> None:
        with (tmp_path / LOCK_NAME).open() as other:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        removed.append(path)

    monkeypatch.setattr("core.objects.cache.remove_path", remove)
    for name in "ab":
        with cache.hold(key(name), SIZE, fetch):
            pass
    cache.remove("user/a")
    cache.remove_unheld(key("b"))
    cache.remove_unheld(key("none"))
    assert cache.list_keys() == []
    assert len(removed) == 2
    monkeypatch.undo()
    cache.remove_drafts(timedelta())  # as after a process that was killed here
    assert {path.name for path in tmp_path.iterdir()} == {LOCK_NAME, "user"}


def test_a_deleted_log_goes_at_once_and_its_reader_reads_on(tmp_path: Path) -> None:
    cache = build_cache(tmp_path)
    with cache.hold(key("a"), SIZE, fetch) as path, path.open("rb") as reader:
        cache.remove("user/a")
        assert reader.read() == b"x" * SIZE
    assert cache.list_keys() == []


def test_the_disks_reserve_is_kept(tmp_path: Path) -> None:
    cache = FileCache(folder=tmp_path, limit=10 * SIZE, reserve=50, free=lambda _: SIZE + 49)
    with pytest.raises(StorageFull), cache.hold(key("a"), SIZE, refuse):
        pass


def test_answers_are_kept_under_the_time_of_a_change_which_use_does_not_change(tmp_path: Path) -> None:
    cache = build_cache(tmp_path)
    with cache.hold(key("a"), SIZE, fetch) as path:
        os.utime(path, ns=(1, 1_000))
    with cache.hold(key("a"), SIZE, refuse) as path:
        assert path.stat().st_mtime_ns == 1_000
        assert path.stat().st_atime_ns > 1


def test_a_folder_that_is_removed_during_a_fetch_is_made_again(tmp_path: Path) -> None:
    """Another process may evict an older copy of the same log, or what is beside it, at any moment."""
    cache = build_cache(tmp_path)

    def fetch_while_removed(path: Path) -> None:
        fetch(path)
        cache.remove("user/a")

    with cache.hold(key("a"), SIZE, fetch_while_removed) as path:
        assert path.read_bytes() == b"x" * SIZE


def test_readers_and_eviction_at_once_never_lose_a_file(tmp_path: Path) -> None:
    problems: list[str] = []
    ended = threading.Event()

    def evict() -> None:
        while not ended.is_set():
            build_cache(tmp_path, limit=0).evict()

    def read(name: str) -> None:
        for _ in range(60):
            try:
                with build_cache(tmp_path, limit=0).hold(key(name), SIZE, fetch) as path:
                    if path.read_bytes() != b"x" * SIZE or not path.exists():
                        problems.append(name)
            except OSError as error:
                problems.append(repr(error))

    evicting = threading.Thread(target=evict)
    readers = [threading.Thread(target=read, args=(name,)) for name in "aab"]
    for thread in (evicting, *readers):
        thread.start()
    for thread in readers:
        thread.join()
    ended.set()
    evicting.join()
    assert problems == []
