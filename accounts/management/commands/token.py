"""`manage.py token USER`: create an API token and print it, this one time."""

import secrets
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.management.errors import report_errors

MAX_DAYS = 3650


class Command(BaseCommand):
    help = "Make a token for the REST interface and the websocket: Authorization: Token <it>. It is told this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="a user's id or name")
        parser.add_argument("--name", default="", metavar="TEXT", help="what it is called in lists; default: the time")
        parser.add_argument("--days", type=int, default=90, metavar="N", help="how long it holds; default: 90")

    def handle(self, *args: Any, user: str, name: str, days: int, **options: Any) -> None:
        from accounts.tokens import create_token
        from core.users import find_user

        if not 1 <= days <= MAX_DAYS:
            raise CommandError(f"--days {days}: a token holds for 1 to {MAX_DAYS:,} days.", returncode=2)
        with report_errors("No token was made."):
            owner = find_user(user, active=True)
            new_token = create_token(owner, name=name or _default_name(), days=days, enforce_limit=False)
        self.stdout.write(new_token.token)


def _default_name() -> str:
    """Return a name that is unique even within one second."""
    return f"manage.py token {datetime.now(UTC):%Y-%m-%d %H:%M:%S} {secrets.token_hex(2)}"
