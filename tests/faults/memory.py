"""A server's resident memory, in bytes."""

import os
from pathlib import Path

from tests.support.live_server import LiveServer


def resident(server: LiveServer) -> int:
    return int(Path(f"/proc/{server.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
