"""`manage.py erase_user USER`: list what is stored of a user; with --yes erase it."""

from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from core.i18n.text import plural_text
from core.management.errors import report_errors


class Command(BaseCommand):
    help = "List what is stored about a user. With --yes, erase it: the account, its data and files, and mentions."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="a user's id or name")
        parser.add_argument("--yes", action="store_true", help="erase it permanently")

    def handle(self, *args: Any, user: str, yes: bool, **options: Any) -> None:
        with report_errors("Run it again." if yes else "Nothing was erased."):
            self._erase(user, yes=yes)

    def _erase(self, name: str, *, yes: bool) -> None:
        from accounts.erasure import erase_user, preview_erasure
        from core.users import find_user
        from netra.bootstrap.demo_users import forget_credentials
        from realtime.broadcast import make_command_publish

        user, data_dir = find_user(name), settings.NETRA.data_dir
        self.stdout.write(f"{user.username} ({user.id}):")
        for garbage in preview_erasure(user, data_dir):
            size = f", {plural_text('{n:,} byte', '{n:,} bytes', n=garbage.size)}" if garbage.size else ""
            self.stdout.write(f"{garbage.what}: {garbage.count:,}{size}")
        if not yes:
            self.stdout.write("Nothing was erased. Run it with --yes to erase it permanently.")
            return
        forget_credentials(data_dir, user.username)
        erase_user(user, data_dir, publish=make_command_publish(get_channel_layer()))
        self.stdout.write("Erased.")
