"""The listening socket and the data folder, private and locked, which a server takes before anything else."""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.exceptions import OperatorError
from core.files import private_dir
from netra.config import Environment

LOCAL_HOSTS = ("127.0.0.1", "localhost")
BACKLOG = 512  # browsers that wait while the server starts


def refuse_remote_host(environment: Environment, host: str) -> None:
    """Raise OperatorError in development if other machines could connect and NETRA_ORIGINS does not allow it: nothing
    is encrypted there."""
    if environment.production or environment.origins is not None or host in LOCAL_HOSTS:
        return
    raise OperatorError(
        f"In development, Netra accepts connections from this machine only. To allow others on {host}, unencrypted, "
        f"set the address that they use, for example NETRA_ORIGINS=http://192.168.1.5:{environment.port}"
    )


def open_listener(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises OperatorError, with a line for the operator, if the address can't be used."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, OverflowError, UnicodeError) as error:
        raise OperatorError(f"{host!r} is not an IPv4 address or host name of this machine.") from error
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise OperatorError(_describe_bind_error(host, port, error)) from error
    return listener


def _describe_bind_error(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        another = port + 10 if port < 65_500 else 8000
        return f"Port {port} is in use. Stop the program that uses it, or choose another port: make run PORT={another}"
    if error.errno == errno.EACCES:
        return f"Port {port} needs root privileges. Choose a port above 1023, for example: make run PORT=8000"
    return f"Netra cannot listen on {host}:{port}: {error.strerror}."


@contextmanager
def lock_data_dir(data_dir: Path) -> Iterator[None]:
    """Lock the folder within the block. Raises OperatorError if another process has locked it."""
    descriptor = os.open(data_dir / "server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _acquire_lock(descriptor, data_dir)
        yield
    finally:
        os.close(descriptor)


def _acquire_lock(descriptor: int, data_dir: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise OperatorError(
            f"Another Netra process is using {data_dir}. Stop it first, or set NETRA_DATA_DIR."
        ) from error


def prepare_data_dir(path: Path) -> Path:
    """Return the folder, created if necessary, and private. Raises OperatorError if it can't be used."""
    try:
        private_dir(path)
        if path.stat().st_mode & 0o077:
            path.chmod(0o700)
    except OSError as error:
        raise OperatorError(f"The data folder {path} cannot be used: {error.strerror}.") from error
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise OperatorError(f"The data folder {path} cannot be written.")
    return path
