import pytest

from agents import queries, threads
from agents.models import Run, RunState, Thread
from core.exceptions import BadInput, NotFound
from tests.agents.claimed_runs import queued
from tests.agents.test_runs import told
from tests.conftest import People

pytestmark = pytest.mark.django_db


def test_a_conversation_is_made_and_told_of(people: People) -> None:
    thread = threads.create_thread(people.owner.id, "  My \n log ")
    assert thread.title == "My log"
    assert told(people.owner) == ["thread_changed"]


def test_an_untitled_one_is_named_by_its_first_question(people: People) -> None:
    thread = threads.create_thread(people.owner.id)
    queued(people.owner, "how much\nand why", thread_id=thread.id)
    queued(people.owner, "and now?", thread_id=thread.id)
    assert Thread.objects.get().title == "how much"


def test_it_is_renamed_and_told_of(people: People) -> None:
    thread = queued(people.owner).thread
    assert threads.rename_thread(people.owner.id, thread.id, "Other").title == "Other"
    assert told(people.owner) == ["run_queued", "thread_changed"]


@pytest.mark.parametrize("title", ["", "   ", "x" * 201])
def test_a_title_that_is_none_changes_nothing(people: People, title: str) -> None:
    thread = queued(people.owner, "first").thread
    with pytest.raises(BadInput):
        threads.rename_thread(people.owner.id, thread.id, title)
    assert Thread.objects.get().title == "first"


@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_nobody_renames_or_finds_anothers(people: People, who: str) -> None:
    thread, other = queued(people.owner, "secret").thread, getattr(people, who)
    with pytest.raises(NotFound):
        threads.rename_thread(other.id, thread.id, "mine now")
    assert not threads.search_threads(other.id, "secret").exists()
    assert not threads.search_threads(other.id).exists()


def test_search_looks_into_titles_and_messages_for_every_word(people: People) -> None:
    one = queued(people.owner, "cut my spend").thread
    queued(people.owner, "by caching prompts", thread_id=one.id)
    two = queued(people.owner, "what did gpt-4o cost").thread
    assert [found.id for found in threads.search_threads(people.owner.id, "spend CACHING")] == [one.id]
    assert [found.id for found in threads.search_threads(people.owner.id, "gpt-4o")] == [two.id]
    assert not threads.search_threads(people.owner.id, "spend gpt-4o").exists()
    assert not threads.search_threads(people.owner.id, "100%_").exists()


def test_the_last_asked_in_comes_first_with_the_state_of_its_latest_run(people: People) -> None:
    one, two = queued(people.owner).thread, queued(people.owner).thread
    Run.objects.update(state=RunState.COMPLETED)
    queued(people.owner, thread_id=one.id)
    shown = queries.list_threads(people.owner.id)
    assert [(each.id, getattr(each, "state")) for each in shown] == [(one.id, "queued"), (two.id, "completed")]  # noqa: B009
