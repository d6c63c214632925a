"""`manage.py token USER`: create an API token and print it once."""

import secrets
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.management.errors import report_errors

MAX_DAYS = 3650


class Command(BaseCommand):
    help = "Create an API token for REST and the websocket (Authorization: Token …). It is shown only once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="a user's id or name")
        parser.add_argument("--name", default="", metavar="TEXT", help="name shown in lists; default: the current time")
        parser.add_argument("--days", type=int, default=90, metavar="N", help="days until it expires; default: 90")

    def handle(self, *args: Any, user: str, name: str, days: int, **options: Any) -> None:
        from accounts.tokens import create_token
        from core.users import find_user

        if not 1 <= days <= MAX_DAYS:
            raise CommandError(f"--days {days}: must be 1 to {MAX_DAYS:,}.", returncode=2)
        with report_errors("No token was created."):
            owner = find_user(user, active=True)
            new_token = create_token(owner, name=name or _default_name(), days=days, enforce_limit=False)
        self.stdout.write(new_token.token)


def _default_name() -> str:
    """Return a name that is unique even within one second."""
    return f"manage.py token {datetime.now(UTC):%Y-%m-%d %H:%M:%S} {secrets.token_hex(2)}"
