"""`python -m netra.scale_out.server PORT`: one of several servers, which others have prepared everything for.

It serves as `daphne netra.asgi:application` does, and ends quietly (netra.process)."""

import os
import sys

import django


def main(port: int) -> int:
    """Return the exit status."""
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netra.settings")
    django.setup()
    from core.exceptions import OperatorError
    from netra.server.listener import open_listener
    from netra.server.runner import serve

    try:
        with open_listener("127.0.0.1", port) as listener:
            serve(listener, lambda: None)
    except OperatorError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    from netra.process import exit_now

    exit_now(main(int(sys.argv[1])))
