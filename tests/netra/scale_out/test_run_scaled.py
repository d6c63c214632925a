"""`manage.py run_scaled` with its real parts: a person signs in and asks through the proxy, whatever is killed."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from core.exceptions import OperatorError
from netra.scale_out.parts import find_program
from tests.netra.management.test_run import Browser
from tests.netra.scale_out.running import ScaledProcess, read_command, remove_cluster, running_scaled
from tests.parts import postgresql, redis
from tests.support.live_server import ROOT
from tests.support.patience import PATIENCE
from tests.support.stream_client import client, ends

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    if postgresql.find_programs() is None or not redis.is_installed() or not is_installed("nginx"):
        pytest.skip("not installed: sudo apt-get install postgresql redis-server nginx")
    yield tmp_path / "scaled"
    remove_cluster(tmp_path / "scaled")


def is_installed(program: str) -> bool:
    try:
        find_program(program)
    except OperatorError:
        return False
    return True


def sign_in(scaled: ScaledProcess) -> Browser:
    browser = Browser(scaled.port)
    browser.sign_in("ana", scaled.find_password("ana"))
    return browser


async def ask(scaled: ScaledProcess, browser: Browser) -> list[dict[str, Any]]:
    """The events of a run that is started over the proxy's websocket."""
    served, run_id = scaled.server, None
    async with client(served, Cookie=browser.cookie, Origin=served.origin) as mine:
        welcome = await mine.said_of("welcome")
        await mine.say(type="resume", **welcome["position"])
        await mine.say(type="start", id="s", text="what did I spend?", client_id=str(uuid4()))
        events: list[dict[str, Any]] = []
        while True:
            frame = await mine.receive()
            assert frame["type"] != "error", frame
            if frame["type"] == "accepted":
                run_id = frame["run"]["id"]
            events += [event for event in frame.get("events", ()) if event["run_id"] is not None]
            if run_id and any(ends(event, run_id) for event in events):
                return [event for event in events if event["run_id"] == run_id]


def ask_and_check(scaled: ScaledProcess, browser: Browser) -> None:
    events = asyncio.run(ask(scaled, browser))
    assert events[-1]["type"] == "agent_completed", events[-1]


def test_a_person_asks_through_the_proxy(folder: Path) -> None:
    with running_scaled(folder, "--servers", "1", "--workers", "1") as scaled:
        browser = sign_in(scaled.await_start())
        ask_and_check(scaled, browser)
        assert any(path.is_file() for path in (folder / "store").rglob("*")), "the sample log is not in the store"
        # The client's address is that of the proxy's client, and the host is the page's.
        assert "netra_session" in browser.cookie
        assert scaled.stop(signal.SIGTERM) == 0
    assert scaled.lines[-1] == "Stopped."
    assert "worker-1   | Working." in scaled.said
    assert "nanobind" not in scaled.said
    assert [path.stat().st_mode & 0o077 for path in folder.glob("*.json")] == [0]
    secret = (folder / "passwords.json").read_text()
    assert not any(word in scaled.said for word in secret.split('"') if len(word) > 20)


@pytest.mark.soak
def test_it_serves_on_whatever_is_killed(folder: Path) -> None:
    with running_scaled(folder) as scaled:
        browser = sign_in(scaled.await_start())
        for word in ("scale_out.server", "manage.py work", "redis-server", "postgres", "nginx"):
            os.kill(scaled.list_processes(word)[0], signal.SIGKILL)
            insist(lambda: ask_and_check(scaled, browser))
        for name in ("server-1", "worker-1", "redis", "postgresql", "proxy"):
            assert f"{name} was ended by SIGKILL; it is started again." in scaled.said
        with running_scaled(folder) as second:
            second.process.wait(60)
        assert "Another run-scaled is using" in second.said
        scaled.process.kill()
        scaled.process.wait()
    with running_scaled(folder) as again:
        assert again.await_start().find_password("ana") == scaled.find_password("ana")
        assert "Preparing" not in again.said
        ask_and_check(again, browser if again.port == scaled.port else sign_in(again))
        assert again.stop(signal.SIGINT) == 0


def insist(work: Callable[[], None]) -> None:
    """A killed server's websocket is closed, and PostgreSQL refuses connections until it has recovered."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            work()
        except Exception:
            if time.monotonic() > until:
                raise
            time.sleep(1)
        else:
            return


@pytest.mark.soak
def test_it_stops_with_its_terminal_and_where_a_shell_started_it_in_the_background(folder: Path) -> None:
    """Such a shell has it ignore SIGINT."""
    with running_scaled(folder, "--servers", "1", "--workers", "1") as scaled:
        scaled.await_start()
        children = {pid: read_command(pid) for pid in scaled.list_processes("")}
        assert len(children) == 5
        assert scaled.stop(signal.SIGHUP) == 0
    assert {pid: command for pid, command in children.items() if read_command(pid) == command} == {}
    program = f"{ROOT}/.venv/bin/python manage.py run_scaled --servers 1 --workers 1"
    script = f"{program} --folder {folder} --port {scaled.port} & echo $!; wait"
    with subprocess.Popen(["sh", "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdout is not None
        pid, line = int(shell.stdout.readline()), ""
        for line in shell.stdout:
            if line.startswith("Press Ctrl-C"):
                os.kill(pid, signal.SIGINT)
    assert line == "Stopped.\n"
