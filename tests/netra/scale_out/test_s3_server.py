"""The server that speaks S3: its objects outlive it, also a large one that was stored in parts."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from core.objects.store import RANGE_BYTES, ObjectStore
from netra.scale_out.store import build_s3_part, build_s3_url
from tests.parts.ports import free_port
from tests.support.live_server import bare
from tests.support.patience import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.long]


@contextmanager
def running_store(folder: Path, port: int) -> Iterator[ObjectStore]:
    part = build_s3_part(folder, port)
    assert part.command[0] == sys.executable
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(part.command, env=bare(**part.environment), cwd=folder, **quiet)  # type: ignore[call-overload]
    try:
        until = time.monotonic() + PATIENCE
        while not part.is_ready():
            assert process.poll() is None, "it ended"
            assert time.monotonic() < until, "it does not answer"
            time.sleep(0.05)
        yield ObjectStore(build_s3_url(port))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def test_objects_outlive_a_killed_server(tmp_path: Path) -> None:
    start, large = partial(running_store, tmp_path, free_port()), tmp_path / "large"
    large.write_bytes(bytes(range(256)) * (RANGE_BYTES // 256 * 2 + 1))
    with start() as store:
        store.put_bytes("anna/1", b"one")
        store.put_bytes("anna/1", b"two")
        store.put_bytes("anna/gone", b"deleted")
        store.put_file("anna/large +%", large)
        store.delete(["anna/gone"])
    with start() as store:
        assert sorted(each.key for each in store.list_below("anna")) == ["anna/1", "anna/large +%"]
        assert store.get_bytes("anna/1") == b"two"
        found = tmp_path / "found"
        store.append_to_file("anna/large +%", large.stat().st_size, found, until=time.monotonic() + PATIENCE)
        assert found.read_bytes() == large.read_bytes()
