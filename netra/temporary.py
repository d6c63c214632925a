"""A database and a data folder for the time of one command."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connections

from netra.environment import Environment


@contextmanager
def temporary_installation(environment: Environment) -> Iterator[Environment]:
    """The environment with a data folder of its own, the default database migrated in it; gone after the block.

    For a process that has not opened the database yet.
    """
    with tempfile.TemporaryDirectory(prefix="netra-") as folder:
        before = connections.settings["default"]
        connections.close_all()
        _use(before | {"NAME": str(Path(folder) / "netra.sqlite3")})
        try:
            call_command("migrate", verbosity=0, interactive=False)
            yield environment.model_copy(update={"data_dir": Path(folder)})
        finally:
            connections.close_all()
            _use(before)


def _use(settings: dict[str, Any]) -> None:
    connections.settings["default"] = settings
    with suppress(AttributeError):  # this thread has not asked for one yet
        del connections["default"]
