"""One server per data folder: two would each take up the other's runs and know nothing of its open pages."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from netra.core.exceptions import OperatorError


@contextmanager
def only_server_of(data_dir: Path) -> Iterator[None]:
    """Hold the folder for the time of the block. Raises OperatorError where another process holds it."""
    descriptor = os.open(data_dir / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _hold(descriptor, data_dir)
        yield
    finally:
        os.close(descriptor)


def _hold(descriptor: int, data_dir: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OperatorError(f"Another Netra is serving {data_dir}: stop it first, or set NETRA_DATA_DIR.") from error
