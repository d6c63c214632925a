import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from core.exceptions import BadInput
from workloads import upload_parts


def put(path: Path, chunks: Iterator[bytes] | list[bytes], *, offset: int = 0, most: int = 100) -> int:
    with upload_parts.open_locked(path) as file:
        return upload_parts.write_part(file, chunks, offset=offset, most=most)


def test_parts_follow_each_other(tmp_path: Path) -> None:
    assert put(tmp_path / "x", [b"ab", b"c"]) == 3
    assert put(tmp_path / "x", [b"de"], offset=3) == 2
    assert (tmp_path / "x").read_bytes() == b"abcde"


def test_what_a_part_that_broke_off_left_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc and what a crash left")
    put(tmp_path / "x", [b"d"], offset=3)
    assert (tmp_path / "x").read_bytes() == b"abcd"


def test_of_a_part_with_too_many_bytes_nothing_is_kept(tmp_path: Path) -> None:
    put(tmp_path / "x", [b"abc"])
    with pytest.raises(BadInput):
        put(tmp_path / "x", [b"de", b"fg"], offset=3, most=3)
    assert (tmp_path / "x").read_bytes() == b"abc"


def test_of_a_part_that_breaks_off_nothing_is_kept(tmp_path: Path) -> None:
    def breaking() -> Iterator[bytes]:
        yield b"de"
        raise ConnectionResetError

    put(tmp_path / "x", [b"abc"])
    with pytest.raises(ConnectionResetError):
        put(tmp_path / "x", breaking(), offset=3)
    assert (tmp_path / "x").read_bytes() == b"abc"


def test_a_file_is_nobody_elses(tmp_path: Path) -> None:
    put(tmp_path / "x", [b"abc"])
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o600


def test_two_at_the_same_file_take_turns(tmp_path: Path) -> None:
    order: list[str] = []
    inside = Event()

    def second() -> None:
        inside.wait(5)
        with upload_parts.open_locked(tmp_path / "x"):
            order.append("second")

    other = Thread(target=second)
    other.start()
    with upload_parts.open_locked(tmp_path / "x"):
        inside.set()
        other.join(0.2)
        order.append("first")
    other.join(5)
    assert order == ["first", "second"]


def test_a_write_that_the_disk_takes_in_pieces_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:2]))
    put(tmp_path / "x", [b"abcde"])
    assert (tmp_path / "x").read_bytes() == b"abcde"
