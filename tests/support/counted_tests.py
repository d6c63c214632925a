"""Which tests count lines for the coverage gate (pyproject.toml): counting doubles a test's processor time.

They have a session of their own (the Makefile's `counted`), since threads that begin while nothing is counted would
never be."""

import pytest

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


def is_counted(item: pytest.Item) -> bool:
    """Whether the test counts; one that is marked `no_cover` doesn't."""
    counts = item.nodeid.startswith(GATED) and not item.nodeid.startswith(REPEATING)
    return counts and item.get_closest_marker("no_cover") is None
