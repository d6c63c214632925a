"""`manage.py isolation_selftest`: proves of a running server that its users stay apart, with users of its own."""

import json
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from netra.core.exceptions import OperatorError

MOST_USERS = 1000
FOUND, NOT_DONE = 1, 2


class Command(BaseCommand):
    help = (
        "Storm a running server of this installation with users made for it, each with secrets in every field, and "
        "look for them with the others. Real users may work on. With a language model its runs ask that model. "
        "Exit status: 0, 1 if anything was found, 2 if it could not be done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--users", type=int, default=10, metavar="N", help="default: 10")
        parser.add_argument("--seconds", type=float, default=20, metavar="S", help="of the storm; default: 20")
        parser.add_argument("--url", help="of the server, as in http://127.0.0.1:8000; default: this installation's")
        parser.add_argument("--json", action="store_true", help="tell it as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        from netra.selftest.perform import perform
        from netra.selftest.server import Server
        from netra.selftest.storm import Terms
        from netra.selftest.verdict import as_json, as_text

        terms = Terms(users=options["users"], seconds=options["seconds"], server=Server(_url(options["url"])))
        if not 2 <= terms.users <= MOST_USERS or not terms.seconds > 0:
            raise CommandError(f"--users: 2 to {MOST_USERS:,}; --seconds: more than 0.", returncode=NOT_DONE)
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # its users go then, too
        try:
            told = perform(terms, settings.NETRA.data_dir)
        except OperatorError as error:
            raise CommandError(str(error), returncode=NOT_DONE) from error
        except KeyboardInterrupt as error:
            raise CommandError("Stopped; its users are removed.", returncode=NOT_DONE) from error
        finally:
            signal.signal(signal.SIGTERM, before)
        self.stdout.write(json.dumps(as_json(told), indent=2) if options["json"] else as_text(told))
        if not told.passed:
            raise CommandError("The self-test found what must not be.", returncode=FOUND)


def _url(given: str | None) -> str:
    origins = settings.NETRA.allowed_origins
    url = given or (origins[0] if origins else f"http://127.0.0.1:{settings.NETRA.port}")
    if not url.startswith(("http://", "https://")):
        raise CommandError(f"--url {url}: write it with http:// or https://.", returncode=NOT_DONE)
    return str(url.rstrip("/"))
