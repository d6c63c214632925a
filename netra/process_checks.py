"""System checks of processes that must fit together: several servers, and workers of their own."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage

from netra.unsafe_settings import UnsafeSetting, exit_with, to_check_message

HALF_CONFIGURATION = frozenset({"netra.E010", "netra.E011", "netra.E018", "netra.E019", "netra.E027"})
"""Reported in development too."""


def check_processes(settings: Any) -> Iterator[UnsafeSetting]:
    if settings.NETRA.processes == 1:
        return
    if settings.CHANNEL_LAYERS["default"]["BACKEND"].endswith("InMemoryChannelLayer"):
        yield UnsafeSetting(
            "netra.E010",
            "Several processes don't share a channel layer: pages would update late.",
            "Set NETRA_PROCESSES=1.",
        )
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield UnsafeSetting(
            "netra.E011", "Several processes on one SQLite file would block each other.", "Set NETRA_PROCESSES=1."
        )


def check_files(settings: Any) -> Iterator[UnsafeSetting]:
    """Several processes need the same files: in an object store, or in a folder that the operator says is the same."""
    if settings.NETRA.processes > 1 or not settings.NETRA.runner:
        yield from find_file_problems(settings)


def find_file_problems(settings: Any) -> Iterator[UnsafeSetting]:
    """Yield why this process may not find the files that another one stores."""
    if settings.OBJECT_STORE is None and not settings.NETRA.data_shared:
        yield UnsafeSetting(
            "netra.E027",
            "Several processes store users' files in NETRA_DATA_DIR, which may be another folder on each machine.",
            "Set NETRA_STORE to an object store, or NETRA_DATA_SHARED=true if all of them use the same folder.",
        )


def check_runner(settings: Any) -> Iterator[UnsafeSetting]:
    """Workers in processes of their own need what several processes share."""
    if not settings.NETRA.runner:
        yield from find_worker_problems(settings)


def find_worker_problems(settings: Any) -> Iterator[UnsafeSetting]:
    """Yield why jobs can't be run in other processes than the server's."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield UnsafeSetting(
            "netra.E018",
            "Workers need PostgreSQL: with SQLite, the server runs the jobs itself.",
            "Set DATABASE_URL, or remove NETRA_RUNNER and use manage.py run.",
        )
    elif settings.CHANNEL_LAYERS["default"]["BACKEND"].endswith("InMemoryChannelLayer"):
        yield UnsafeSetting(
            "netra.E019", "Workers don't reach the servers' pages: they would update late.", "Set REDIS_URL."
        )


def check_half_configuration(**_: Any) -> Sequence[CheckMessage]:
    """Report processes that don't fit together, with each `check` and in development too."""
    found = (*check_processes(settings), *check_runner(settings), *check_files(settings))
    return [to_check_message(unsafe) for unsafe in found if not settings.NETRA.production]


def require_worker_settings() -> None:
    """Exit with a line for each reason why this process can't be a worker, in production or not."""
    problems = (*find_worker_problems(settings), *find_file_problems(settings))
    exit_with(problems, "No worker can run with these settings.")
