"""`manage.py drain`: let all runners finish their jobs and begin no others."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.management.errors import report_errors

POLL_SECONDS = 0.5


class Command(BaseCommand):
    help = "Let all servers and workers finish what they run and begin nothing else, and wait for that; --end ends it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--end", action="store_true", help="let them begin jobs again")
        parser.add_argument(
            "--seconds", type=float, default=900.0, metavar="N", help="wait for so long at most; default: 900"
        )

    def handle(self, *args: Any, end: bool, seconds: float, **options: Any) -> None:
        from core.jobs.pause import pause, resume
        from core.jobs.queue import get_queue

        with report_errors("Run it again."):
            if end:
                resume()
                self.stdout.write("Jobs begin again.")
                return
            pause()
            deadline = time.monotonic() + seconds
            time.sleep(2 * POLL_SECONDS)  # runners look for a pause that often, and may have begun a job just before
            while running := get_queue().count_running():
                if time.monotonic() > deadline:
                    raise CommandError(f"Jobs still running: {running}. No others begin until manage.py drain --end.")
                time.sleep(POLL_SECONDS)
        self.stdout.write("No job is running, and none begins until manage.py drain --end.")
