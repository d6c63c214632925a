"""Many who ask at the same moment: threads, and processes with threads of their own, over the test's database."""

import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import IO

import pytest
from django.db import connection, connections

from core.exceptions import UserError
from tests.support.live_server import ROOT
from tests.support.patience import PATIENCE
from tests.support.python_processes import start_python

mainly_on_postgresql = pytest.mark.slow if connection.vendor == "postgresql" else pytest.mark.soak
"""Of tests with two processes all but one: SQLite has one writer at a time, whatever is counted. Starting two processes
takes seconds, so there `make soak` runs them."""
ELSEWHERE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "netra.settings"
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
if "TEST_TEMPLATE" in os.environ:
    from tests.support.product_role import separate_roles
    settings.DATABASES["default"]["USER"] = "owner"
    separate_roles()
import django
django.setup()
from importlib import import_module
from tests.tools.quota.races import at_once
work = getattr(import_module(sys.argv[2]), sys.argv[3])
print("ready", flush=True)
sys.stdin.readline()
print(*at_once(int(sys.argv[4]), lambda: work(*sys.argv[5:])))
"""


def at_once(count: int, work: Callable[[], object]) -> list[str]:
    """Do it so many times at the same moment, each in a thread. "ok" for each that went well, else the refusal's
    code; any other error is raised."""
    start = Barrier(count)

    def one() -> str:
        start.wait(timeout=PATIENCE)
        try:
            work()
        except UserError as error:
            return error.code
        finally:
            connections.close_all()
        return "ok"

    with ThreadPoolExecutor(max_workers=count) as pool:
        return [each.result(timeout=PATIENCE) for each in [pool.submit(one) for _ in range(count)]]


def from_two_processes(count: int, work: Callable[..., object], *arguments: str) -> list[str]:
    """The same, half of it in each of two processes. `work` is a module's function of these arguments."""
    name = str(connection.settings_dict["NAME"])
    command = ["-c", ELSEWHERE, name, work.__module__, work.__name__, str(count // 2), *arguments]
    processes = [
        start_python(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    try:
        _start([process.stdout for process in processes], [process.stdin for process in processes])
        return [word for process in processes for word in process.communicate(timeout=PATIENCE)[0].split()]
    finally:
        for process in processes:
            process.kill()
            process.wait(timeout=PATIENCE)


def _start(said: Sequence[IO[str] | None], told: Sequence[IO[str] | None]) -> None:
    for each in said:
        assert each is not None
        assert each.readline() == "ready\n"
    for other in told:
        assert other is not None
        other.write("go\n")
        other.flush()
