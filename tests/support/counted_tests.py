"""Which tests count lines for the coverage gate (pyproject.toml): counting doubles a test's processor time.

They run again in a session of their own (`make coverage`)."""

import pytest

GATED = ("tests/core/", "tests/tools/", "tests/agents/", "tests/realtime/", "tests/isolation/")
"""The gate is about the packages that isolation, money and the stream rest on, and counts what their own tests run."""
REPEATING = (
    "tests/agents/answers/test_hostile_questions.py::test_hostile_questions_are_answered_or_refused",
    "tests/agents/test_deletion_races.py::test_deletions_do_not_deadlock",
    "tests/core/i18n/test_plurals.py::test_a_message_with_a_count_has_a_singular",
    "tests/core/stream/test_append.py",
    "tests/isolation/test_flood.py",
    "tests/isolation/test_hostile_model.py",
    "tests/isolation/test_storm.py",
    "tests/realtime/rate_limits/test_frame_storms.py",
    "tests/realtime/test_publish.py::test_a_commit_reaches_all_listeners_without_a_poll",
    "tests/realtime/test_publish.py::test_a_failed_publish_does_not_fail_the_commit",
    "tests/realtime/test_publish.py::test_a_rolled_back_batch_is_not_published",
    "tests/realtime/writer/test_checkpoints.py",
    "tests/tools/audit/test_tampering.py::test_changes_are_all_found",
)
"""Of those, what runs again and again what others run, too: without them almost as many lines count."""


def is_counted(item: pytest.Item) -> bool:
    is_gated = item.nodeid.startswith(GATED) and not item.nodeid.startswith(REPEATING)
    return is_gated and item.get_closest_marker("long") is None
