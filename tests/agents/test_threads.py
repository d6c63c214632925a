import pytest

from agents import queries, threads
from agents.models import Run, RunState, Thread
from core.exceptions import BadInput, NotFound
from core.models import Event
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import queue_run
from tests.agents.test_runs import list_event_types
from tests.conftest import People

pytestmark = pytest.mark.django_db


def test_creating_a_conversation_emits_an_event(people: People) -> None:
    thread = threads.create_thread(people.owner.id, "  My \n log ", publish=publish_to_nobody)
    assert thread.title == "My log"
    assert list_event_types(people.owner) == ["thread_changed"]


def test_the_first_question_is_the_default_title(people: People) -> None:
    thread = threads.create_thread(people.owner.id, publish=publish_to_nobody)
    queue_run(people.owner, "how much\nand why", thread_id=thread.id)
    queue_run(people.owner, "and now?", thread_id=thread.id)
    assert Thread.objects.get().title == "how much"


def test_renaming_emits_an_event(people: People) -> None:
    thread = queue_run(people.owner).thread
    assert threads.rename_thread(people.owner.id, thread.id, "Other", publish=publish_to_nobody).title == "Other"
    assert list_event_types(people.owner) == ["run_queued", "thread_changed"]


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
def test_an_invalid_title_changes_nothing(people: People, title: str) -> None:
    thread = queue_run(people.owner, "first").thread
    with pytest.raises(BadInput):
        threads.rename_thread(people.owner.id, thread.id, title, publish=publish_to_nobody)
    assert Thread.objects.get().title == "first"


def test_pinning_emits_an_event_and_keeps_the_title(people: People) -> None:
    thread = queue_run(people.owner, "first").thread
    threads.pin_thread(people.owner.id, thread.id, True, publish=publish_to_nobody)
    event = Event.objects.get(type="thread_changed")
    assert (event.payload["title"], event.payload["pinned"]) == ("first", True)
    threads.rename_thread(people.owner.id, thread.id, "second", publish=publish_to_nobody)
    assert Event.objects.filter(type="thread_changed", payload__title="second", payload__pinned=True).exists()
    assert not threads.pin_thread(people.owner.id, thread.id, False, publish=publish_to_nobody).pinned


def test_only_so_many_conversations_can_be_pinned(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "MAX_PINNED", 1)
    one, two = (threads.create_thread(people.owner.id, "t", publish=publish_to_nobody) for _ in range(2))
    Thread.objects.create(owner=people.neighbour, pinned=True)
    for _ in range(2):
        threads.pin_thread(people.owner.id, one.id, True, publish=publish_to_nobody)
    with pytest.raises(BadInput):
        threads.pin_thread(people.owner.id, two.id, True, publish=publish_to_nobody)


@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_another_users_conversation_is_not_found_or_renamed(people: People, who: str) -> None:
    thread, other = queue_run(people.owner, "secret").thread, getattr(people, who)
    with pytest.raises(NotFound):
        threads.rename_thread(other.id, thread.id, "mine now", publish=publish_to_nobody)
    with pytest.raises(NotFound):
        threads.pin_thread(other.id, thread.id, True, publish=publish_to_nobody)
    assert not Thread.objects.get().pinned
    assert not threads.search_threads(other.id, "secret").exists()
    assert not threads.search_threads(other.id).exists()


def test_search_needs_every_word_in_title_or_messages(people: People) -> None:
    one = queue_run(people.owner, "cut my spend").thread
    queue_run(people.owner, "by caching prompts", thread_id=one.id)
    two = queue_run(people.owner, "what did gpt-4o cost").thread
    assert [found.id for found in threads.search_threads(people.owner.id, "spend CACHING")] == [one.id]
    assert [found.id for found in threads.search_threads(people.owner.id, "gpt-4o")] == [two.id]
    assert not threads.search_threads(people.owner.id, "spend gpt-4o").exists()
    assert not threads.search_threads(people.owner.id, "100%_").exists()


def test_conversations_are_sorted_by_their_latest_run(people: People) -> None:
    one, two = queue_run(people.owner).thread, queue_run(people.owner).thread
    Run.objects.update(state=RunState.COMPLETED)
    queue_run(people.owner, thread_id=one.id)
    shown = queries.list_threads(people.owner.id)
    assert [(each.id, getattr(each, "state")) for each in shown] == [(one.id, "queued"), (two.id, "completed")]  # noqa: B009
