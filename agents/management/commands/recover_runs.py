"""`manage.py recover_runs`: requeue or end the runs whose worker has stopped responding."""

from typing import Any

from django.core.management.base import BaseCommand

from core.management.errors import report_errors
from core.stream.append import publish_to_nobody

QUEUED = "queued"


class Command(BaseCommand):
    help = "Give back or end the runs whose worker went silent. A server does this by itself."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from agents.run_queue import recover_runs

        with report_errors("Run it again."):
            recovered = recover_runs(publish=publish_to_nobody)
        for each in recovered:
            now = "back in the queue" if each.state == QUEUED else each.state
            why = f" ({each.error})" if each.error else ""
            self.stdout.write(f"run {each.run_id} of user {each.user_id}, attempt {each.attempt}: {now}{why}")
        self.stdout.write(f"Runs whose worker went silent: {len(recovered)}.")
