"""The address that a server takes, before it does anything else."""

import errno
import socket

from netra.core.exceptions import OperatorError
from netra.environment import Environment

THIS_MACHINE = ("127.0.0.1", "localhost")
BACKLOG = 512  # browsers that wait while the server gets ready


def refuse_others(environment: Environment, host: str) -> None:
    """In development other machines get in only where somebody said how: nothing is encrypted there."""
    if environment.production or environment.origins is not None or host in THIS_MACHINE:
        return
    raise OperatorError(
        f"In development Netra is for this machine only. To let others in by {host}, unencrypted, say how they "
        f"reach it, as in NETRA_ORIGINS=http://192.168.1.5:{environment.port}"
    )


def take_address(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OperatorError, in one line, where the address cannot be had."""
    try:
        family, kind, _, _, where = socket.getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, OverflowError, UnicodeError) as error:
        raise OperatorError(f"{host!r} is not an IPv4 address or name of this machine.") from error
    listener = socket.socket(family, kind)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError as error:
        listener.close()
        raise OperatorError(_reason(host, port, error)) from error
    return listener


def _reason(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        another = port + 10 if port < 65_500 else 8000
        return f"Port {port} is taken: stop what uses it, or choose another one: make run PORT={another}"
    if error.errno == errno.EACCES:
        return f"Port {port} is for privileged accounts: choose one above 1023, as in: make run PORT=8000"
    return f"Netra cannot listen on {host}:{port}: {error.strerror}."
