"""`manage.py unlock USER`: reset a user's counters of failed attempts, so that they can sign in at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.management.errors import EXIT_BAD_INPUT, report_errors


class Command(BaseCommand):
    help = "Forget the failed sign-ins, codes and mails that are counted for a user, or with --all for everybody."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", nargs="?", metavar="USER", help="a user's id or name")
        parser.add_argument("--all", action="store_true", help="forget all counters, those of addresses too")

    def handle(self, *args: Any, user: str | None, **options: Any) -> None:
        from accounts.attempt_limits import unlock_account
        from core.attempts import reset_attempts
        from core.users import find_user

        if (user is None) != options["all"]:
            raise CommandError("Give a USER, or --all.", returncode=EXIT_BAD_INPUT)
        with report_errors("Nothing was forgotten."):
            count = reset_attempts() if user is None else unlock_account(find_user(user))
        whose = "" if user is None else f" of {user}"
        self.stdout.write(f"Forgot {count:,} {'counter' if count == 1 else 'counters'} of attempts{whose}.")
