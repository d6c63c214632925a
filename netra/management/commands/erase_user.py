"""`manage.py erase_user USER`: tells what is a user's; with --yes all of it goes."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from netra.language.text import counted
from netra.management.plainly import plainly


class Command(BaseCommand):
    help = "Tell what there is of a user; with --yes erase it: the account, its rows, its files, what names it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="a user's id or name")
        parser.add_argument("--yes", action="store_true", help="erase it, for good")

    def handle(self, *args: Any, user: str, yes: bool, **options: Any) -> None:
        with plainly("Run it again." if yes else "Nothing was erased."):
            self._handle(user, yes=yes)

    def _handle(self, name: str, *, yes: bool) -> None:
        from netra.accounts.erasure import erase, found
        from netra.core.usernames import find_user
        from netra.household.forgotten import forget_sign_in

        user, data_dir = find_user(name), settings.NETRA.data_dir
        self.stdout.write(f"{user.username} ({user.id}):")
        for each in found(user, data_dir):
            size = f", {counted('{n:,} byte', '{n:,} bytes', n=each.size)}" if each.size else ""
            self.stdout.write(f"{each.what}: {each.count:,}{size}")
        if not yes:
            self.stdout.write("Nothing was erased: --yes does it, for good.")
            return
        forget_sign_in(data_dir, user.username)
        erase(user, data_dir)
        self.stdout.write("Erased.")
