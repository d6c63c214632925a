"""`manage.py run_scaled`: the scale-out installation on this machine, until Ctrl-C, SIGTERM or the terminal's end."""

import os
import signal
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.exceptions import OperatorError
from core.management.errors import EXIT_BAD_INPUT

MAX_PROCESSES = 64


class Command(BaseCommand):
    help = (
        "Start PostgreSQL, Redis, servers, workers and a proxy on this machine, as several machines would run them. "
        "Ctrl-C stops all of them. Nothing is encrypted, so it is for trying it out."
    )
    requires_system_checks: list[str] = []  # the servers make them

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, help="the proxy's port; default: NETRA_PORT, or 8000")
        parser.add_argument("--servers", type=int, default=2, metavar="N", help="default: 2")
        parser.add_argument("--workers", type=int, default=2, metavar="N", help="default: 2")
        parser.add_argument(
            "--s3",
            action="store_true",
            help="keep users' files in a server that speaks S3 (needs `make dev`)",
        )
        parser.add_argument("--folder", type=Path, help="keeps all data; default: scaled in the data folder")

    def handle(
        self, *args: Any, port: int | None, servers: int, workers: int, s3: bool, folder: Path | None, **options: Any
    ) -> None:
        from netra.scale_out.launcher import ScaleOutOptions, launch

        if not (1 <= servers <= MAX_PROCESSES and 1 <= workers <= MAX_PROCESSES):
            raise CommandError(f"--servers and --workers must be 1 to {MAX_PROCESSES}.", returncode=EXIT_BAD_INPUT)
        os.umask(0o077)
        stopped, terminal = Event(), Terminal()
        _install_signal_handlers(stopped)
        chosen = ScaleOutOptions(
            folder=(folder or settings.NETRA.data_dir / "scaled").resolve(),
            port=port or settings.NETRA.port,
            servers=servers,
            workers=workers,
            s3=s3,
        )
        try:
            launch(chosen, stopped, terminal.print)
        except OperatorError as error:
            raise CommandError(str(error)) from error
        terminal.print("Stopped.")


class Terminal:
    """Prints whole lines from several threads. It may be gone: then nothing is printed, and nothing fails."""

    def __init__(self) -> None:
        self._lock = Lock()

    def print(self, text: str) -> None:
        rest = f"{text}\n".encode()
        with self._lock, suppress(OSError):
            while rest:
                rest = rest[os.write(1, rest) :]


def _install_signal_handlers(stopped: Event) -> None:
    """Have SIGINT, SIGTERM and a terminal's hang-up set `stopped`, whatever this process has inherited: a shell lets
    its background jobs ignore SIGINT. Only nohup's wish to survive a hang-up is respected."""
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    for number in numbers:
        signal.signal(number, lambda *_: stopped.set())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
