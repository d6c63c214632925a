"""Which tests count lines for the coverage gate (pyproject.toml): counting doubles a test's processor time.

They have a session of their own (the Makefile's `counted`), since threads that begin while nothing is counted would
never be. `python -m tests.support.counted_tests` prints the paths of the others: to collect the tests of both sessions
in each of its processes would take seconds."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
GATED = ("tests/core/", "tests/tools/", "tests/agents/", "tests/realtime/", "tests/isolation/")
"""The gate is about the packages that isolation, money and the stream rest on, and counts what their own tests run."""
REPEATING = (
    "tests/agents/answers/test_hostile_questions.py::test_hostile_questions_are_answered_or_refused",
    "tests/agents/api/test_pages.py::test_a_response_does_not_grow_with_the_conversation",
    "tests/agents/test_deletion_races.py::test_deletions_do_not_deadlock",
    "tests/core/i18n/test_plurals.py::test_a_message_with_a_count_has_a_singular",
    "tests/core/stream/test_append.py",
    "tests/isolation/test_flood.py",
    "tests/isolation/test_hostile_model.py",
    "tests/isolation/test_storm.py",
    "tests/realtime/machine/",
    "tests/realtime/rate_limits/test_frame_storms.py",
    "tests/realtime/test_publish.py::test_a_commit_reaches_all_listeners_without_a_poll",
    "tests/realtime/test_publish.py::test_a_failed_publish_does_not_fail_the_commit",
    "tests/realtime/test_publish.py::test_a_rolled_back_batch_is_not_published",
    "tests/realtime/writer/test_checkpoints.py",
    "tests/tools/audit/test_tampering.py::test_changes_are_all_found",
    "tests/tools/test_query_disclosure.py::test_a_value_is_sent_only_if_its_kind_is_declared",
)
"""Of those, the long ones that run again and again what others run too: without them almost as many lines count."""


def is_counted(item: pytest.Item) -> bool:
    return item.nodeid.startswith(GATED) and not item.nodeid.startswith(REPEATING)


def iter_uncounted_paths() -> Iterator[str]:
    """Yield folders and files that have all tests that are not counted, and few others."""
    for path in sorted(TESTS.iterdir()):
        name = f"tests/{path.name}{'/' if path.is_dir() else ''}"
        if (path.is_dir() or path.match("test_*.py")) and name not in GATED and path.name != "__pycache__":
            yield name
    yield from sorted({name.partition("::")[0] for name in REPEATING})


if __name__ == "__main__":
    sys.stdout.write(" ".join(iter_uncounted_paths()))
