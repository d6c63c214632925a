"""A part of the installation: its command, when it is ready, and how it is stopped."""

import random
import shutil
import signal
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.exceptions import OperatorError

LOWEST_PORT, HIGHEST_PORT = 10_000, 32_000  # below those that outgoing connections are given
SYSTEM_PATH = "/usr/local/sbin:/usr/sbin:/sbin"  # not in an ordinary user's PATH on Debian
PACKAGES: Mapping[str, str] = {"setpriv": "util-linux", "redis-server": "redis-server", "nginx": "nginx"}
"""Debian's packages by program."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedProcess:
    """`stage` says what needs what: lower ones start first and stop last. `death_signal` is sent if the launcher dies.
    `account` is the user that root runs it as."""

    name: str
    command: tuple[str, ...]
    stage: int
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    death_signal: signal.Signals = signal.SIGTERM
    account: str | None = None


def find_program(name: str) -> str:
    """Return the program's path. Raises OperatorError that names the package which has it."""
    found = shutil.which(name) or shutil.which(name, path=SYSTEM_PATH)
    if found is None:
        raise OperatorError(f"{name} is not installed: sudo apt-get install {PACKAGES[name]}")
    return found


def find_free_port(taken: frozenset[int] = frozenset()) -> int:
    """Return a port of this machine that nobody listens on. Raises OperatorError."""
    for _ in range(1_000):
        port = random.randrange(LOWEST_PORT, HIGHEST_PORT)  # noqa: S311  # no secret
        if port not in taken and is_port_free(port):
            return port
    raise OperatorError(f"No port from {LOWEST_PORT} to {HIGHEST_PORT} is free.")


def find_free_ports(count: int) -> list[int]:
    ports: list[int] = []
    while len(ports) < count:
        ports.append(find_free_port(frozenset(ports)))
    return ports


def is_port_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that ended a minute ago do not count
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def accepts_connections(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def write_private_file(path: Path, content: str) -> Path:
    """Write a file that only this user can read, in place of an older one."""
    path.unlink(missing_ok=True)
    path.touch(0o600)
    path.write_text(content)
    return path
