"""`python -m netra.scale_out.preparation FILE`: make what a first start makes, and write the greeting to a file.

A process of its own: the settings are those of the servers, and the launcher's are not."""

import os
import sys
from pathlib import Path

import django


def main(greeting: Path) -> None:
    os.umask(0o077)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netra.settings")
    django.setup()
    from django.conf import settings

    from core.exceptions import OperatorError, UserError
    from netra.bootstrap.first_start import format_greeting, prepare_installation
    from netra.server.listener import prepare_data_dir

    environment = settings.NETRA
    try:
        prepare_data_dir(environment.data_dir)
        sample = prepare_installation(environment, _print)
        greeting.write_text("\n".join(format_greeting(environment, "127.0.0.1", sample)))
    except (OperatorError, UserError) as error:
        sys.exit(str(error))


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
