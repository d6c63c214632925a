"""A Python that has imported the libraries of Netra, and forks a process for each request.

Run by tests/support/python_processes.py, as a script. Its arguments are the descriptor of its end of the line, and the
modules of the project that it imports, too: none where a process may be one of another tree. A request is one message
of JSON, with the process's file descriptors beside it.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from fcntl import F_DUPFD, fcntl
from types import ModuleType
from typing import Any, NoReturn

LIBRARIES = (
    "autobahn.twisted.websocket",
    "babel.messages.catalog",
    "django.contrib.admin.utils",
    "django.contrib.postgres.fields",
    "django.core.management.commands.migrate",
    "django.core.validators",
    "django.db.backends.sqlite3.client",
    "django.db.migrations.executor",
    "django.template.loader_tags",
    "django.test.signals",
    "django.views.generic",
    "drf_spectacular.utils",
    "duckdb",
    "fido2.server",
    "genai_prices.data",
    "httpx2",
    "ijson",
    "inflection",
    "jsonschema",
    "prometheus_client",
    "psycopg.types.multirange",
    "pydantic_settings",
    "python_calamine",
    "redis.asyncio",
    "requests",
    "rest_framework.serializers",
    "rich.console",
    "twisted.internet.asyncioreactor",
    "twisted.internet.endpoints",
    "twisted.web.http",
    "yaml",
    "zstandard",
)
"""Those that take long to import and need no settings."""
MODULES = (
    "agents.answers.composition",
    "agents.answers.two_logs",
    "agents.llm.config",
    "agents.team.intent",
    "core.jobs.runner",
    "realtime.flow_control",
    "realtime.protocol",
    "tools.disclosure",
    "tools.registry",
    "workloads.ingest.sandbox",
    "workloads.report.markdown",
    "workloads.report.tables",
    "workloads.sample.generator",
)
"""Of what servers and commands import, what needs no settings: these, and most of the others through them."""
HELPER = "tests.support.python_processes"
"""Loaded where this tree's modules are: the child processes of a script, which is a command, are forked as well."""
MESSAGE = 1 << 20
DESCRIPTORS = 16
DIGITS = 20
SPARE = 100  # descriptors from here on are nobody's


def main() -> None:
    number, *programs = sys.argv[1:]
    sys.path.pop(0)  # this script's folder
    for name in LIBRARIES:
        importlib.import_module(name)
    sys.path.insert(0, os.getcwd())
    if programs:
        for name in (*MODULES, HELPER):
            importlib.import_module(name)
    import_programs(programs)
    sys.path.pop(0)
    with socket.socket(fileno=int(number)) as control:
        answer_requests(control)
    os._exit(0)  # without the libraries' own leave-taking, which writes


def import_programs(names: Sequence[str]) -> None:
    """Import what these modules import. They themselves are run in the processes that are forked."""
    for name in names:
        importlib.import_module(name)
        del sys.modules[name]


def answer_requests(control: socket.socket) -> None:
    """Until the other end of the line is closed.

    What has been imported stays frozen in the copies: looking through it would cost each a tenth of a second.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # in a terminal it is for the tests
    gc.collect()
    gc.freeze()
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, MESSAGE, DESCRIPTORS)
        if not message:
            return
        control.send(str(fork_orphan(control, json.loads(message), descriptors)).encode())
        for each in descriptors:
            os.close(each)


def close_descriptors(control: socket.socket) -> None:
    """Close all but the line: a copy of a server must not keep its sockets and files open."""
    with open(os.devnull, "r+b") as nothing:
        for number in (0, 1, 2):
            os.dup2(nothing.fileno(), number)
    first = control.fileno()
    os.closerange(3, first)
    os.closerange(first + 1, os.sysconf("SC_OPEN_MAX"))


def fork_orphan(control: socket.socket, request: Mapping[str, Any], descriptors: Sequence[int]) -> int:
    """Return the id of the new process, which whoever collects orphans has become the parent of."""
    named, starting = os.pipe(), os.pipe()
    between = os.fork()
    if between == 0:
        pid = os.fork()
        if pid == 0:
            os.read(starting[0], 1)
            control.close()
            for each in (*named, *starting):
                os.close(each)
            become(request, descriptors)
        os.write(named[1], str(pid).encode())
        os._exit(0)
    os.waitpid(between, 0)
    pid = int(os.read(named[0], DIGITS))
    os.write(starting[1], b"!")  # it has its parent now
    for each in (*named, *starting):
        os.close(each)
    return pid


def become(request: Mapping[str, Any], descriptors: Sequence[int]) -> NoReturn:
    """Be the process that `python *arguments` would be, from its first line to its end."""
    status = 1
    try:
        place_descriptors(descriptors, request["descriptors"])
        reopen_streams()
        set_environment(request["environment"], request["folder"])
        if request["session"]:
            os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if HELPER in sys.modules and request["arguments"][0].endswith(".py"):
            sys.modules[HELPER].fork_children()
        status = run_program(request["arguments"])
    except Exception:  # noqa: BLE001 - whatever it is ends this process, as it would end a started one
        traceback.print_exc()
    finally:
        finish(status)


def place_descriptors(descriptors: Sequence[int], numbers: Sequence[int]) -> None:
    """Give each the number that the process expects it under."""
    spare = [fcntl(each, F_DUPFD, SPARE) for each in descriptors]
    for each in descriptors:
        os.close(each)
    for each, number in zip(spare, numbers, strict=True):
        os.dup2(each, number)
        os.close(each)


def reopen_streams() -> None:
    """Buffer and encode as an interpreter does at its start."""
    sys.stdin = sys.__stdin__ = open_stream(0, "r", "surrogateescape")  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = open_stream(1, "w", "surrogateescape")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = open_stream(2, "w", "backslashreplace", buffering=1)  # type: ignore[misc]


def open_stream(number: int, mode: str, errors: str, buffering: int = -1) -> Any:
    return open(number, mode, buffering, encoding="utf-8", errors=errors, closefd=False)


def set_environment(environment: Mapping[str, str], folder: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    sys.path[:0] = [each for each in environment.get("PYTHONPATH", "").split(os.pathsep) if each]


def run_program(arguments: Sequence[str]) -> int:
    """Return the status with which it ends."""
    try:
        execute(arguments)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            return ended.code or 0
        sys.stderr.write(f"{ended.code}\n")
        return 1
    except KeyboardInterrupt:
        traceback.print_exc()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    return 0


def execute(arguments: Sequence[str]) -> None:
    sys.orig_argv = [sys.executable, *arguments]
    match arguments:
        case ["-c", code, *_]:
            sys.path.insert(0, "")
            sys.argv = ["-c", *arguments[2:]]
            program = sys.modules["__main__"] = ModuleType("__main__")
            exec(compile(code, "<string>", "exec"), program.__dict__)
        case ["-m", module, *_]:
            if not os.environ.get("PYTHONSAFEPATH"):
                sys.path.insert(0, os.getcwd())
            sys.argv = list(arguments[1:])
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case [script, *_]:
            sys.path.insert(0, os.path.dirname(os.path.abspath(script)))
            sys.argv = list(arguments)
            runpy.run_path(script, run_name="__main__")


def finish(status: int) -> NoReturn:
    threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter does it
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
