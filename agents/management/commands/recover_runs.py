"""`manage.py recover_runs`: what became of runs whose worker went silent."""

from typing import Any

from django.core.management.base import BaseCommand

from netra.management.plainly import plainly

QUEUED = "queued"


class Command(BaseCommand):
    help = "Give back or end the runs whose worker went silent. A server does this by itself."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from agents.recovery import recover

        with plainly("Run it again."):
            recovered = recover()
        for each in recovered:
            now = "back in the queue" if each.state == QUEUED else each.state
            why = f" ({each.error})" if each.error else ""
            self.stdout.write(f"run {each.run_id} of user {each.user_id}, attempt {each.attempt}: {now}{why}")
        self.stdout.write(f"Runs whose worker went silent: {len(recovered)}.")
