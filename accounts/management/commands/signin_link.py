"""`manage.py signin_link USER`: a link that signs somebody in once, for whoever is at the machine itself."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from netra.management.plainly import BAD_INPUT, plainly

LONGEST = 60


class Command(BaseCommand):
    help = "Print a link that signs a user in once, in place of the password. A second factor is asked for as ever."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="a user's id or name")
        parser.add_argument("--minutes", type=int, default=10, metavar="N", help="how long it works; default: 10")

    def handle(self, *args: Any, user: str, minutes: int, **options: Any) -> None:
        from netra.accounts.signinlinks import create_link
        from netra.core.usernames import find_user

        if not 1 <= minutes <= LONGEST:
            raise CommandError(f"--minutes {minutes}: a link works for 1 to {LONGEST} minutes.", returncode=BAD_INPUT)
        with plainly("No link was made."):
            secret = create_link(find_user(user, active=True), now=datetime.now(UTC), minutes=minutes)
        self.stdout.write(settings.NETRA.public_origin + reverse("account_signin_link", args=[secret]))
