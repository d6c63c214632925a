"""`manage.py token USER`: a token for a script, told once."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from netra.management.plainly import plainly

LONGEST = 3650


class Command(BaseCommand):
    help = "Make a token for the REST interface and the websocket: Authorization: Token <it>. It is told this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="a user's id or name")
        parser.add_argument("--days", type=int, default=90, metavar="N", help="how long it holds; default: 90")

    def handle(self, *args: Any, user: str, days: int, **options: Any) -> None:
        from knox.models import AuthToken

        from netra.core.usernames import find_user

        if not 1 <= days <= LONGEST:
            raise CommandError(f"--days {days}: a token holds for 1 to {LONGEST:,} days.", returncode=2)
        with plainly("No token was made."):
            owner = find_user(user, active=True)
        _, token = AuthToken.objects.create(owner, expiry=timedelta(days=days))
        self.stdout.write(token)
