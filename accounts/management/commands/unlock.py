"""`manage.py unlock USER`: reset a user's counters of failed attempts, so that they can sign in at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.i18n.text import plural_text
from core.management.errors import EXIT_BAD_INPUT, report_errors


class Command(BaseCommand):
    help = "Reset the counters of failed sign-ins, codes and requested mails for a user, or for everyone with --all."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", nargs="?", metavar="USER", help="a user's id or name")
        parser.add_argument("--all", action="store_true", help="reset all counters, including those of addresses")

    def handle(self, *args: Any, user: str | None, **options: Any) -> None:
        from accounts.attempt_limits import unlock_account
        from core.attempts import reset_attempts
        from core.users import find_user

        if (user is None) != options["all"]:
            raise CommandError("Give either a USER or --all.", returncode=EXIT_BAD_INPUT)
        with report_errors("Nothing was reset."):
            count = reset_attempts() if user is None else unlock_account(find_user(user))
        self.stdout.write(plural_text("Reset {n:,} attempt counter.", "Reset {n:,} attempt counters.", n=count))
