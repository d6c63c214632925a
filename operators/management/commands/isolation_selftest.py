"""`manage.py isolation_selftest`: run the isolation test against a running server."""

import json
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.exceptions import OperatorError

MAX_USERS = 1000
EXIT_VIOLATIONS, EXIT_NOT_RUN = 1, 2


class Command(BaseCommand):
    help = (
        "Test the isolation of users on a running server of this installation: put it under load from temporary users, "
        "each with secrets in every field, and look for those secrets in what the others receive. Real users can keep "
        "working. If a language model is configured, the runs call it. Exit status: 0 passed, 1 violations found, "
        "2 the test could not run."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", type=int, default=10, metavar="N", help="number of temporary users; default: 10")
        parser.add_argument("--seconds", type=float, default=20, metavar="S", help="duration of the load; default: 20")
        parser.add_argument(
            "--url", help="URL of the server, such as http://127.0.0.1:8000; default: this installation's"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        from operators.isolation_test.report import to_json, to_text
        from operators.isolation_test.rest_client import TargetServer
        from operators.isolation_test.runner import IsolationTestOptions, run_isolation_test

        test_options = IsolationTestOptions(
            users=options["users"], seconds=options["seconds"], server=TargetServer(_server_url(options["url"]))
        )
        if not 2 <= test_options.users <= MAX_USERS or not test_options.seconds > 0:
            raise CommandError(
                f"--users must be 2 to {MAX_USERS:,}, and --seconds more than 0.", returncode=EXIT_NOT_RUN
            )
        previous_handler = signal.signal(signal.SIGTERM, signal.default_int_handler)  # it removes the users
        try:
            report = run_isolation_test(test_options, settings.NETRA.data_dir)
        except OperatorError as error:
            raise CommandError(str(error), returncode=EXIT_NOT_RUN) from error
        except KeyboardInterrupt as error:
            raise CommandError(
                "Interrupted. The temporary users have been removed.", returncode=EXIT_NOT_RUN
            ) from error
        finally:
            signal.signal(signal.SIGTERM, previous_handler)
        self.stdout.write(json.dumps(to_json(report), indent=2) if options["json"] else to_text(report))
        if not report.has_passed:
            raise CommandError("The isolation test found violations.", returncode=EXIT_VIOLATIONS)


def _server_url(url_option: str | None) -> str:
    origins = settings.NETRA.allowed_origins
    url = url_option or (origins[0] if origins else f"http://127.0.0.1:{settings.NETRA.port}")
    if not url.startswith(("http://", "https://")):
        raise CommandError(f"--url {url}: must begin with http:// or https://.", returncode=EXIT_NOT_RUN)
    return str(url.rstrip("/"))
