"""`manage.py recover_runs`: requeue or end the runs whose worker has stopped responding."""

from typing import Any

from channels.layers import get_channel_layer
from django.core.management.base import BaseCommand

from core.management.errors import report_errors

QUEUED = "queued"


class Command(BaseCommand):
    help = "Requeue or end the runs whose worker has stopped responding. A running server does this by itself."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from agents.run_queue import recover_runs
        from realtime.broadcast import make_command_publish

        with report_errors("Run it again."):
            recovered = recover_runs(publish=make_command_publish(get_channel_layer()))
        for run in recovered:
            outcome = "requeued" if run.state == QUEUED else run.state
            reason = f" ({run.error})" if run.error else ""
            self.stdout.write(f"Run {run.run_id} of user {run.user_id}, attempt {run.attempt}: {outcome}{reason}")
        self.stdout.write(f"Recovered runs: {len(recovered)}")
