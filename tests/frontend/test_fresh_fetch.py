"""Zulip's check on a real run: for every event, what a client knew and the event make what a fresh fetch gives."""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from django.test import override_settings

from agents import run_queue, run_writer
from agents.models import Run
from agents.run_writer import RunItem, WriteResult
from core.events import AgentStarted, build_agent_fields
from core.models import User
from core.stream.append import publish_to_nobody
from realtime.writer import stream_writer
from tests.agents.claimed_runs import begin_claimed
from tests.conftest import People
from tests.support.claimed_jobs import lose_workers
from tests.support.patience import PATIENCE
from tests.support.rest_clients import rest
from tests.support.running_worker import await_run_events, environment, log_file, place_log, working

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

PROGRAM = Path(__file__).with_name("fresh_fetch.mjs")


class History:
    """What happened, a step at a time: its events, and what the server shows right after them, with one conversation
    `opened` and with all of them only `listed`."""

    def __init__(self, user: User) -> None:
        self._user = user
        self.steps: list[dict[str, Any]] = []
        self.thread = str(self._of("post", "/api/threads/", {"title": "The one that is open"})["id"])
        self.note()

    def _of(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = getattr(rest(self._user), method)(path, body, format="json")
        assert answer.status_code < 300, (path, answer.content)
        return answer.json() if answer.content else None

    def note(self) -> None:
        listed = self._of("get", "/api/snapshot/")
        there = any(thread["id"] == self.thread for thread in listed["threads"])
        opened = self._of("get", f"/api/snapshot/?thread={self.thread}") if there else listed
        events = self._of("get", f"/api/events/?epoch={listed['position']['epoch']}&after={self._get_last_seq()}")
        assert events["upto"] == listed["position"]["seq"], "something happened meanwhile"
        self.steps.append({"events": events["events"], "shown": {"opened": opened, "listed": listed}})

    def _get_last_seq(self) -> int:
        return int(self.steps[-1]["shown"]["listed"]["position"]["seq"]) if self.steps else 0

    def does(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Over REST."""
        answer = self._of(method, path, body)
        self.note()
        return answer

    def asks(self, text: str, **more: Any) -> str:
        return str(self.does("post", "/api/runs/", {"text": text, "client_id": str(uuid4()), **more})["id"])

    @property
    def types(self) -> set[str]:
        return {event["type"] for step in self.steps for event in step["events"]}


def noting(history: History) -> Callable[..., WriteResult]:
    """The guard, with a fetch after each thing that it stores, before anything else is stored."""
    real = run_writer.write_fenced

    def write(items: Sequence[RunItem], **options: Any) -> WriteResult:
        done = real(items, **options)
        if done.commits:
            history.note()
        return done

    return write


def changes_before(history: History, log: str) -> None:
    """A log, renamed; a conversation, renamed; a question about the log."""
    history.does("patch", f"/api/workloads/{log}/", {"name": "Another name"})
    history.does("patch", f"/api/threads/{history.thread}/", {"title": "Another title"})
    history.asks("cut my spend by 30 %", thread_id=history.thread, workload_id=log)


def changes_after(history: History, log: str) -> None:
    """Cancelled in the queue; cancelled at work; asked in a conversation that nobody has opened; all of it erased."""
    waiting = history.asks("never taken up", thread_id=history.thread)
    history.does("post", f"/api/runs/{waiting}/cancel/")
    stopped = history.asks("stopped", thread_id=history.thread)
    claim = begin_claimed(UUID(stopped))
    # With its first event a client learns that a run is worked at, not before.
    started = AgentStarted(**build_agent_fields(claim.context, "supervisor"), title="Supervisor")
    run_writer.write_fenced(
        [RunItem(user_id=claim.context.user_id, run_id=claim.context.run_id, attempt=1, events=(started,))],
        publish=publish_to_nobody,
    )
    history.does("post", f"/api/runs/{stopped}/cancel/")
    lose_workers()
    assert len(run_queue.recover_runs(publish=publish_to_nobody)) == 1
    history.note()
    other = history.asks("elsewhere")
    thread = str(Run.objects.get(id=other).thread_id)
    history.does("patch", f"/api/threads/{thread}/", {"title": "Elsewhere, renamed"})
    history.does("delete", f"/api/threads/{thread}/")
    history.does("delete", f"/api/workloads/{log}/")
    if any(each["id"] == history.thread for each in history.steps[-1]["shown"]["listed"]["threads"]):
        history.does("delete", f"/api/threads/{history.thread}/")


@pytest.mark.skipif(shutil.which("node") is None, reason="only developers of the page have node")
async def test_what_was_known_and_what_was_told_is_a_fresh_fetch(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = environment(tmp_path)
    with override_settings(NETRA=settings):
        file = await asyncio.to_thread(log_file, tmp_path / "logs", feature="mine")
        log = str((await sync_to_async(place_log)(people.owner, file, tmp_path)).id)
        history = await sync_to_async(History)(people.owner)
        await sync_to_async(changes_before)(history, log)
        monkeypatch.setattr(stream_writer, "MAX_BATCH_EVENTS", 1)
        monkeypatch.setattr(run_writer, "write_fenced", noting(history))
        async with working(settings) as (services, _):
            await await_run_events(services, await Run.objects.aget())
        await sync_to_async(changes_after)(history, log)
    assert history.types >= {"run_queued", "agent_thinking", "tool_completed", "run_cancel_requested", "agent_error"}
    assert history.types >= {"thread_changed", "thread_deleted", "workload_changed", "workload_deleted"}
    assert len(history.steps) > 40
    await asyncio.to_thread(check, history, tmp_path / "history.json")


def check(history: History, file: Path) -> None:
    file.write_text(json.dumps(history.steps))
    done = subprocess.run(["node", str(PROGRAM), str(file)], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1_000
