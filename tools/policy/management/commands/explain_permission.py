"""`manage.py explain_permission USER TOOL`: explain whether a user may make a call, and which rule decides."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from core.exceptions import UserError

BAD_INPUT = 2


class Command(BaseCommand):
    help = "Show whether a user may call a tool now, which rule decides, and how every other policy affects it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="a username or user ID")
        parser.add_argument("tool", metavar="TOOL", help="a tool name")
        parser.add_argument(
            "--arguments", metavar="JSON", help="a JSON object; without it, argument limits are not checked"
        )
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        # Imported here: `manage.py help` needs no tools.
        from tools.policy.explanation import explain_named_call, to_json, to_lines

        try:
            explanation = explain_named_call(options["user"], options["tool"], options["arguments"] or "")
        except UserError as error:
            raise CommandError(str(error), returncode=BAD_INPUT) from error
        except DatabaseError as error:
            raise CommandError(f"The database could not be used: {error}.") from error
        if options["json"]:
            self.stdout.write(json.dumps(to_json(explanation), indent=2))
        else:
            self.stdout.write("\n".join(to_lines(explanation)))
