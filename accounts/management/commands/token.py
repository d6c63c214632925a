"""`manage.py token USER`: a token for a script, told once."""

import secrets
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from netra.management.plainly import plainly

LONGEST = 3650


class Command(BaseCommand):
    help = "Make a token for the REST interface and the websocket: Authorization: Token <it>. It is told this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="a user's id or name")
        parser.add_argument("--name", default="", metavar="TEXT", help="what it is called in lists; default: the time")
        parser.add_argument("--days", type=int, default=90, metavar="N", help="how long it holds; default: 90")

    def handle(self, *args: Any, user: str, name: str, days: int, **options: Any) -> None:
        from netra.accounts.tokens import create
        from netra.core.usernames import find_user

        if not 1 <= days <= LONGEST:
            raise CommandError(f"--days {days}: a token holds for 1 to {LONGEST:,} days.", returncode=2)
        with plainly("No token was made."):
            owner = find_user(user, active=True)
            made = create(owner, name=name or _made_up(), days=days, limited=False)
        self.stdout.write(made.token)


def _made_up() -> str:
    """Two of one second are called differently, too."""
    return f"manage.py token {datetime.now(UTC):%Y-%m-%d %H:%M:%S} {secrets.token_hex(2)}"
