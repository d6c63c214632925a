"""`manage.py run`: prepare what a start needs, then run the server."""

import os
import signal
import sys
from argparse import ArgumentParser
from socket import socket
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.exceptions import OperatorError, UserError
from netra.config import Environment


class Command(BaseCommand):
    help = "Start Netra. The first start creates what it needs."
    requires_system_checks: list[str] = []  # the server makes them, before it serves

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
        parser.add_argument("--port", type=int, help="default: NETRA_PORT, or 8000")

    def handle(self, *args: Any, host: str, port: int | None, **options: Any) -> None:
        os.umask(0o077)
        _restore_signal_handlers()
        try:
            self._prepare_and_serve(settings.NETRA, host, port or settings.NETRA.port)
        except (OperatorError, UserError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._print("")  # after the terminal's ^C
        self._print("Stopped.")

    def _prepare_and_serve(self, environment: Environment, host: str, port: int) -> None:
        from netra.checks import require_safe_settings
        from netra.server.listener import lock_data_dir, open_listener, prepare_data_dir, refuse_remote_host

        require_safe_settings()
        refuse_remote_host(environment, host)
        with open_listener(host, port) as listener:
            if port != environment.port:
                _restart_with_port(port)
            with lock_data_dir(prepare_data_dir(environment.data_dir)):
                self._serve(environment, host, listener)

    def _serve(self, environment: Environment, host: str, listener: socket) -> None:
        from netra.bootstrap.first_start import format_greeting, prepare_installation

        sample = prepare_installation(environment, self._print)
        lines = tuple(format_greeting(environment, host, sample))
        # Imported only now, as it loads the whole application.
        from netra.server.runner import serve

        serve(listener, lambda: self._print("\n".join(lines)))

    def _print(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _restore_signal_handlers() -> None:
    """Let SIGINT and SIGTERM end the process, whatever it has inherited.

    A shell lets its background jobs ignore SIGINT, and the parent process may have blocked either. The server later
    installs its own handlers.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))


def _restart_with_port(port: int) -> NoReturn:
    """Start again with NETRA_PORT set: the settings, whose allowed origins contain the port, have already been read."""
    os.environ["NETRA_PORT"] = str(port)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  # this very command
