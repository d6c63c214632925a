"""Redis of Debian's package: notifications only, so nothing of it is kept."""

from functools import partial
from pathlib import Path

from netra.scale_out.parts import ManagedProcess, accepts_connections, find_program, write_private_file


def build_redis_part(folder: Path, port: int, password: str) -> ManagedProcess:
    lines = (
        f"port {port}",
        "bind 127.0.0.1",
        f"requirepass {password}",
        'save ""',
        "appendonly no",
        "loglevel warning",
        "daemonize no",
    )
    file = write_private_file(folder / "redis.conf", "\n".join(lines) + "\n")
    return ManagedProcess(
        name="redis",
        command=(find_program("redis-server"), str(file)),
        stage=0,
        is_ready=partial(accepts_connections, port),
    )


def build_redis_url(port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"
