"""The order of a start: PostgreSQL and Redis, the schema, servers and workers, and the proxy in front of them."""

import fcntl
import json
import os
import secrets
import shlex
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import Event
from urllib.error import URLError
from urllib.request import urlopen

from core.exceptions import OperatorError
from core.files import private_dir
from netra.config import BASE_DIR
from netra.scale_out.parts import ManagedProcess, find_free_ports, find_program, is_port_free, write_private_file
from netra.scale_out.postgresql import ADMINISTRATOR, APPLICATION, OWNER, PostgreSQL, prepare_cluster
from netra.scale_out.proxy import build_proxy_part
from netra.scale_out.redis import build_redis_part, build_redis_url
from netra.scale_out.store import build_folder_url, build_s3_part, build_s3_url
from netra.scale_out.supervisor import Interrupted, Say, Supervisor

REDIS = "redis"
LEFTOVER_SECONDS = 60.0  # for the parts of a launcher that was killed to end


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleOutOptions:
    """`port` is the proxy's; `folder` keeps all data. With `s3`, users' files are in a server that speaks S3."""

    folder: Path
    port: int
    servers: int
    workers: int
    s3: bool = False


def launch(options: ScaleOutOptions, stopped: Event, say: Say) -> None:
    """Run the installation until `stopped` is set. Raises OperatorError if it can't start."""
    for program in ("setpriv", "redis-server", "nginx"):
        find_program(program)
    private_dir(options.folder)
    with _locked_folder(options.folder, stopped, say) as lock:
        supervisor = Supervisor(stopped, say, (lock,))
        try:
            with suppress(Interrupted):
                _start(options, supervisor, say)
                supervisor.watch()
        finally:
            say("Stopping ...")
            supervisor.stop()


def _start(options: ScaleOutOptions, supervisor: Supervisor, say: Say) -> None:
    if not is_port_free(options.port):
        raise OperatorError(f"Port {options.port} is in use. Choose another one: make run-scaled PORT=8010")
    passwords = _load_passwords(options.folder / "passwords.json")
    database_port, redis_port, store_port, *server_ports = find_free_ports(3 + options.servers)
    cluster = prepare_cluster(options.folder, passwords[ADMINISTRATOR])
    database = PostgreSQL(folder=cluster, port=database_port, passwords=passwords)
    supervisor.start(
        database.build_part(options.servers + options.workers),
        build_redis_part(options.folder, redis_port, passwords[REDIS]),
        *((build_s3_part(options.folder, store_port),) if options.s3 else ()),
    )
    database.create_roles()
    store_url = build_s3_url(store_port) if options.s3 else build_folder_url(options.folder)
    environment = _build_environment(options, database, build_redis_url(redis_port, passwords[REDIS]), store_url)
    _write_environment(options.folder / "environment", environment)
    greeting = options.folder / "greeting"
    supervisor.run(_build_preparation(environment, greeting))
    serving = {key: value for key, value in environment.items() if key != "DATABASE_OWNER_URL"}
    supervisor.start(
        *(_build_server(f"server-{number}", port, serving) for number, port in enumerate(server_ports, 1)),
        *(_build_worker(f"worker-{number}", serving) for number in range(1, options.workers + 1)),
    )
    supervisor.start(build_proxy_part(options.folder, options.port, server_ports))
    say(greeting.read_text())
    greeting.unlink()


def _build_environment(
    options: ScaleOutOptions, database: PostgreSQL, redis_url: str, store_url: str
) -> Mapping[str, str]:
    """Return the settings of all our processes; others are those of the caller."""
    return {
        "DJANGO_SETTINGS_MODULE": "netra.settings",
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": database.build_url(APPLICATION),
        "DATABASE_OWNER_URL": database.build_url(OWNER),
        "REDIS_URL": redis_url,
        "NETRA_STORE": store_url,
        # Without TLS it is for this machine alone, whatever .env says.
        "NETRA_ENVIRONMENT": "development",
        "NETRA_DATA_DIR": str(options.folder / "data"),
        "NETRA_PORT": str(options.port),
        "NETRA_ORIGINS": f"http://127.0.0.1:{options.port},http://localhost:{options.port}",
        "NETRA_PROCESSES": str(options.servers),
        "NETRA_RUNNER": "off",
        "NETRA_BEHIND_PROXY": "on",
    }


def _write_environment(file: Path, environment: Mapping[str, str]) -> None:
    """Write the settings for a shell, whose `manage.py` then works on this installation."""
    names = [name for name in environment if name.startswith("NETRA_") or name.endswith("_URL")]
    write_private_file(file, "".join(f"{name}={shlex.quote(environment[name])}\n" for name in names))


def _build_preparation(environment: Mapping[str, str], greeting: Path) -> ManagedProcess:
    return _build_python_part("netra", ("-m", "netra.scale_out.preparation", str(greeting)), environment)


def _build_server(name: str, port: int, environment: Mapping[str, str]) -> ManagedProcess:
    part = _build_python_part(name, ("-m", "netra.scale_out.server", str(port)), environment)
    return replace(part, is_ready=partial(_answers, port))


def _build_worker(name: str, environment: Mapping[str, str]) -> ManagedProcess:
    # Jobs wait until it works, so nobody else has to.
    return _build_python_part(name, (str(BASE_DIR / "manage.py"), "work"), environment)


def _build_python_part(name: str, arguments: tuple[str, ...], environment: Mapping[str, str]) -> ManagedProcess:
    return ManagedProcess(
        name=name,
        command=(sys.executable, *arguments),
        stage=1,
        is_ready=lambda: True,
        environment={**environment, "PYTHONPATH": str(BASE_DIR)},
        # What they do while nobody is there to stop PostgreSQL after them is of no use.
        death_signal=signal.SIGKILL,
    )


def _answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def _load_passwords(file: Path) -> dict[str, str]:
    names = (ADMINISTRATOR, OWNER, APPLICATION, REDIS)
    if not file.exists():
        write_private_file(file, json.dumps({name: secrets.token_urlsafe(24) for name in names}))
    passwords: dict[str, str] = json.loads(file.read_text())
    return passwords


@contextmanager
def _locked_folder(folder: Path, stopped: Event, say: Say) -> Iterator[int]:
    """Hold the folder's locks within the block: one is this process's, the other, whose descriptor is returned, also
    that of all parts, which may be ending yet where their launcher was killed."""
    own, shared = (os.open(folder / name, os.O_RDWR | os.O_CREAT, 0o600) for name in ("launcher.lock", "parts.lock"))
    try:
        if not _lock(own):
            raise OperatorError(f"Another run-scaled is using {folder}. Stop it first.")
        until, told = time.monotonic() + LEFTOVER_SECONDS, False
        while not _lock(shared):
            if time.monotonic() > until or stopped.is_set():
                raise OperatorError(f"Processes of an earlier start are still using {folder}. Stop them first.")
            if not told:
                say("Waiting for the processes of the last start to end ...")
                told = True
            time.sleep(0.2)
        yield shared
    finally:
        os.close(own)
        os.close(shared)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
