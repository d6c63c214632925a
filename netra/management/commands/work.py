"""`manage.py work`: run queued jobs in this process, beside servers and other workers."""

import os
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.exceptions import OperatorError
from core.management.errors import EXIT_BAD_INPUT


class Command(BaseCommand):
    help = "Run queued jobs until SIGINT or SIGTERM, then queue unfinished ones again. Any number may run, anywhere."
    requires_system_checks: list[str] = []  # of a worker's own settings, see below

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--kinds",
            metavar="KIND[,KIND]",
            help="runs, logs, upkeep (what is repeated, such as the audit's anchors); default: all of them",
        )
        parser.add_argument(
            "--concurrency", type=int, metavar="N", help="jobs of each kind at once; default: as the settings say"
        )

    def handle(self, *args: Any, kinds: str | None, concurrency: int | None, **options: Any) -> None:
        from netra.checks import require_safe_settings
        from netra.jobs import POOL_NAMES, serve_jobs
        from netra.process_checks import require_worker_settings

        chosen = tuple(kinds.split(",")) if kinds is not None else POOL_NAMES
        if unknown := set(chosen) - set(POOL_NAMES):
            named = ", ".join(sorted(unknown))
            raise CommandError(f"--kinds {named}: choose among {', '.join(POOL_NAMES)}.", returncode=EXIT_BAD_INPUT)
        if concurrency is not None and concurrency < 1:
            raise CommandError(f"--concurrency {concurrency}: must be at least 1.", returncode=EXIT_BAD_INPUT)
        os.umask(0o077)
        require_safe_settings()
        require_worker_settings()
        try:
            serve_jobs(settings.NETRA, chosen, concurrency, lambda: self._print("Working. Press Ctrl-C to stop."))
        except OperatorError as error:
            raise CommandError(str(error)) from error
        self._print("Stopped.")

    def _print(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
