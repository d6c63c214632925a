"""Which tests count lines for the coverage gate (pyproject.toml): counting doubles a test's processor time."""

import sys
import threading
from collections.abc import Generator

import pytest
from asgiref.sync import SyncToAsync
from coverage import Coverage

GATED = ("tests/core/", "tests/tools/", "tests/agents/", "tests/realtime/", "tests/isolation/")
"""The gate is about the packages that isolation, money and the stream rest on, and counts what their own tests run."""
REPEATING = (
    "tests/agents/answers/test_hostile_questions.py::test_hostile_questions_are_answered_or_refused",
    "tests/agents/api/test_pages.py::test_a_response_does_not_grow_with_the_conversation",
    "tests/agents/test_deletion_races.py::test_deletions_do_not_deadlock",
    "tests/core/i18n/test_plurals.py::test_a_message_with_a_count_has_a_singular",
    "tests/isolation/test_storm.py",
    "tests/realtime/machine/",
    "tests/realtime/rate_limits/test_frame_storms.py",
    "tests/realtime/test_publish.py::test_a_commit_reaches_all_listeners_without_a_poll",
    "tests/realtime/test_publish.py::test_a_failed_publish_does_not_fail_the_commit",
    "tests/realtime/test_publish.py::test_a_rolled_back_batch_is_not_published",
    "tests/realtime/writer/test_checkpoints.py",
    "tests/tools/test_query_disclosure.py::test_a_value_is_sent_only_if_its_kind_is_declared",
)
"""Of those, the long ones that run again and again what others run too: without them almost as many lines count."""


def is_counted(nodeid: str) -> bool:
    return nodeid.startswith(GATED) and not nodeid.startswith(REPEATING)


def counts_imports(config: pytest.Config) -> bool:
    """Whether this process counts the lines that run when tests are collected: all workers run the same ones."""
    if hasattr(config, "workerinput"):
        return bool(config.workerinput["workerid"] == "gw0")
    return not config.pluginmanager.has_plugin("dsession")


class LineCounting:
    """A plugin that pauses coverage while a test runs that does not count."""

    def __init__(self) -> None:
        self._counts = False
        self._paused: Coverage | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, object, object]:
        self._count(counts_imports(session.config))
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._count(is_counted(item.nodeid) and item.get_closest_marker("no_cover") is None)
        return (yield)

    def _count(self, wanted: bool) -> None:
        running = Coverage.current()  # also because pytest-cov starts it after each test that is marked `no_cover`
        if running is not None and not wanted:
            running.stop()
            self._paused = running
        elif wanted and not self._counts:
            if running is None and self._paused is not None:
                self._paused.start()
            if Coverage.current() is not None:
                # Threads that begin now count. The one that runs Django's blocking calls has begun, and is told.
                SyncToAsync.single_thread_executor.submit(sys.settrace, threading.gettrace())
        self._counts = wanted
