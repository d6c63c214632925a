"""`manage.py run`: everything that a start needs, then the server."""

import os
import signal
import sys
from argparse import ArgumentParser
from socket import socket
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from netra.core.exceptions import OperatorError, UserError
from netra.environment import Environment


class Command(BaseCommand):
    help = "Serve Netra; the first start makes what it needs."
    requires_system_checks: list[str] = []  # the server makes them, before it serves

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1")
        parser.add_argument("--port", type=int, help="default: NETRA_PORT, or 8000")

    def handle(self, *args: Any, host: str, port: int | None, **options: Any) -> None:
        os.umask(0o077)
        _heed_signals()
        try:
            self._run(settings.NETRA, host, port or settings.NETRA.port)
        except (OperatorError, UserError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._say("")  # after the terminal's ^C
        self._say("Stopped.")

    def _run(self, environment: Environment, host: str, port: int) -> None:
        from netra.checks import require_safe
        from netra.household.address import refuse_others, take_address
        from netra.household.lock import only_server_of
        from netra.household.private import private_folder

        require_safe()
        refuse_others(environment, host)
        with take_address(host, port) as listener:
            if port != environment.port:
                _start_again(port)
            with only_server_of(private_folder(environment.data_dir)):
                self._serve(environment, host, listener)

    def _serve(self, environment: Environment, host: str, listener: socket) -> None:
        from netra.household.greeting import greeting
        from netra.household.start import prepare

        sample = prepare(environment, self._say)
        lines = tuple(greeting(environment, host, sample))
        # Only now: it brings the whole house.
        from netra.household.server import serve

        serve(listener, lambda: self._say("\n".join(lines)))

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _heed_signals() -> None:
    """End on SIGINT and SIGTERM whatever was inherited: a shell has its background jobs ignore SIGINT, and who started
    us may have blocked either. The server puts its own way of ending in the place of Python's."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))


def _start_again(port: int) -> NoReturn:
    """The settings, which name the port among the allowed origins, were read before the option was."""
    os.environ["NETRA_PORT"] = str(port)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  # this very command
