"""`manage.py signin_link USER`: print a link that signs a user in once, for an administrator at the machine itself."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from core.management.errors import EXIT_BAD_INPUT, report_errors

MAX_MINUTES = 60


class Command(BaseCommand):
    help = "Print a link that signs a user in once without a password. A second factor is still required."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="a user's id or name")
        parser.add_argument(
            "--minutes", type=int, default=10, metavar="N", help="minutes until it expires; default: 10"
        )

    def handle(self, *args: Any, user: str, minutes: int, **options: Any) -> None:
        from accounts.sign_in_links import create_sign_in_link
        from core.users import find_user

        if not 1 <= minutes <= MAX_MINUTES:
            raise CommandError(f"--minutes {minutes}: must be 1 to {MAX_MINUTES}.", returncode=EXIT_BAD_INPUT)
        with report_errors("No link was created."):
            secret = create_sign_in_link(find_user(user, active=True), now=datetime.now(UTC), minutes=minutes)
        self.stdout.write(settings.NETRA.public_origin + reverse("account_signin_link", args=[secret]))
