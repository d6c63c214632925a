"""Django's command line."""

import os
import sys

from django.core.management import execute_from_command_line

from netra.process import collect_less_often, exit_now


def main() -> int:
    """The exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netra.settings")
    try:
        execute_from_command_line(sys.argv)
    except SystemExit as ended:
        if isinstance(ended.code, str):
            raise  # the interpreter says it, and knows the status
        return ended.code or 0
    return 0


if __name__ == "__main__":
    collect_less_often()
    exit_now(main())
