"""Ports for servers that come and go in tests, several workers of which look for one at once."""

import random
import socket

LOWEST, HIGHEST = 10_000, 32_000  # below those that outgoing connections are given


def free_port() -> int:
    """One that nobody listens on, now and most likely also after a restart of who takes it."""
    for _ in range(1_000):
        port = random.randrange(LOWEST, HIGHEST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no port from {LOWEST} to {HIGHEST} is free")
