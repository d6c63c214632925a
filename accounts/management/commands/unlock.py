"""`manage.py unlock USER`: let somebody try their password again at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from netra.management.plainly import BAD_INPUT, plainly


class Command(BaseCommand):
    help = "Forget the failed sign-ins, codes and mails that are counted for a user, or with --all for everybody."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", nargs="?", metavar="USER", help="a user's id or name")
        parser.add_argument("--all", action="store_true", help="forget all counters, those of addresses too")

    def handle(self, *args: Any, user: str | None, **options: Any) -> None:
        from netra.accounts.guesses import unlock
        from netra.core.attempts import forgive
        from netra.core.usernames import find_user

        if (user is None) != options["all"]:
            raise CommandError("Give a USER, or --all.", returncode=BAD_INPUT)
        with plainly("Nothing was forgotten."):
            count = forgive() if user is None else unlock(find_user(user))
        whose = "" if user is None else f" of {user}"
        self.stdout.write(f"Forgot {count:,} {'counter' if count == 1 else 'counters'} of attempts{whose}.")
