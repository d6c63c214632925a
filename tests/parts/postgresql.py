"""A private PostgreSQL of Debian's packages for the time of a block, with a folder, port and roles of its own."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.parts.ports import free_port
from tests.support.patience import PATIENCE

FOLDERS = Path("/usr/lib/postgresql")
MAX_CONNECTIONS = 300
"""Three test processes at once, each of which may start fifty threads, and the servers that tests start."""
TOLD_AGAIN_SECONDS = 5.0
# For tests only: nothing of it needs to outlive a power failure.
HASTE = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


def _cannot_restart(seconds: float) -> None:
    raise NotImplementedError("only a server that was started here is restarted")


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """`owner` and `application` are addresses of one database, as the role that owns it and as one that does not.
    `restart` stops it, whoever is connected, and starts it again after so many seconds."""

    owner: str
    application: str
    name: str = "netra"
    restart: Callable[[float], None] = field(default=_cannot_restart, kw_only=True)


def find_programs() -> Path | None:
    """The folder of the newest version's programs."""
    found = sorted(FOLDERS.glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def postgresql(*, durable: bool = False, connections: int = MAX_CONNECTIONS) -> Iterator[PostgreSQL]:
    """It takes so many connections. `durable`: with Debian's settings, as what is measured needs them; else hasty."""
    programs = find_programs()
    if programs is None:
        raise FileNotFoundError(f"PostgreSQL is not installed in {FOLDERS}")
    folder = Path(tempfile.mkdtemp(prefix="netra-postgresql-"))
    try:
        who = _choose_account(folder)
        data, port = folder / "data", free_port()
        _run(
            programs / "initdb",
            "-D",
            data,
            "-U",
            "owner",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C",
            user=who,
        )
        options = [
            *(() if durable else HASTE),
            "-p",
            str(port),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            f"max_connections={connections}",
            "-c",
            f"unix_socket_directories={folder}",
        ]
        command = [str(programs / "postgres"), "-D", str(data), *options]
        servers = [_start(command, who)]

        def restart(seconds: float) -> None:
            _stop(servers[-1])
            time.sleep(seconds)
            servers.append(_start(command, who))
            _await(programs, port)

        try:
            _await(programs, port)
            _run(programs / "psql", *_at(port), "-c", "CREATE ROLE application LOGIN CREATEDB", user=who)
            _run(programs / "psql", *_at(port), "-c", "CREATE DATABASE netra OWNER owner", user=who)
            address = f"@127.0.0.1:{port}/netra"
            yield PostgreSQL(
                owner=f"postgres://owner{address}", application=f"postgres://application{address}", restart=restart
            )
        finally:
            _stop(servers[-1])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(command: Sequence[str], user: str | None) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _stop(server: "subprocess.Popen[bytes]") -> None:
    """Stop it at once: SIGTERM would wait for whoever is connected. Where many connect at that moment, PostgreSQL may
    overlook that its last child has ended; it looks again when it is told again."""
    until = time.monotonic() + PATIENCE
    while True:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(timeout=TOLD_AGAIN_SECONDS)
        except subprocess.TimeoutExpired:
            if time.monotonic() > until:
                raise
        else:
            return


def _choose_account(folder: Path) -> str | None:
    """It refuses to run as root: then it runs as the account that its package makes."""
    if os.getuid() != 0:
        return None
    account = pwd.getpwnam("postgres")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return "postgres"


def _at(port: int) -> tuple[str, ...]:
    return ("-h", "127.0.0.1", "-p", str(port), "-U", "owner", "-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1")


def _await(programs: Path, port: int) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        done = subprocess.run([programs / "psql", *_at(port), "-c", "SELECT 1"], capture_output=True)
        if done.returncode == 0:
            return
        time.sleep(0.05)
    raise TimeoutError("PostgreSQL did not start")


def _run(*command: object, user: str | None) -> None:
    subprocess.run([str(each) for each in command], user=user, check=True, capture_output=True, cwd="/")
