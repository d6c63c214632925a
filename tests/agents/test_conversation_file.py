from datetime import UTC, datetime

import pytest

from agents import downloads
from agents.downloads import Conversation, Exchange, load_conversation, to_markdown
from agents.models import Run, RunState, Thread
from core.exceptions import NotFound
from core.i18n.language import ENGLISH
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.support.rest_clients import is_refused, rest

AT = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)


def exchange(question: str, **fields: str) -> Exchange:
    return Exchange(question=question, asked_at=AT, **({"state": "completed", "answer": "", "failure": ""} | fields))


def test_questions_are_text_and_answers_are_markdown() -> None:
    asked = exchange("<b>how *much*</b>\n# and why [x](http://a)", answer="**$5**")
    failed = exchange("and now", state=RunState.FAILED, failure="The log is `gone`.")
    conversation = Conversation(
        thread=Thread(title="a_b"), exchanges=(asked, failed, exchange("\x1b[1m")), complete=False
    )
    assert to_markdown(conversation, ENGLISH) == (
        "# a\\_b\n\n*Earlier questions are left out.*\n\n"
        "---\n\n> \\<b\\>how \\*much\\*\\</b\\>\n> \\# and why \\[x\\](http://a)\n\n"
        "*2026-11-29 12:30 UTC*\n\n**$5**\n\n"
        "---\n\n> and now\n\n*2026-11-29 12:30 UTC*\n\n*No answer: The log is \\`gone\\`.*\n\n"
        "---\n\n> \\\\u001b\\[1m\n\n*2026-11-29 12:30 UTC*\n\n*No answer.*\n"
    )


@pytest.mark.django_db
def test_the_file_has_the_questions_in_order_with_their_answers(people: People) -> None:
    thread = queue_run(people.owner, "how much").thread
    Run.objects.update(state=RunState.COMPLETED, ending={"answer": "**$5**"})
    queue_run(people.owner, "and why", thread_id=thread.id)
    response = rest(people.owner).get(f"/api/threads/{thread.id}/conversation.md")
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert response["Content-Disposition"] == (
        f'attachment; filename="how-much_{thread.created_at:%Y-%m-%d}_conversation.md"'
    )
    lines = response.content.decode().splitlines()
    assert [line for line in lines if line.startswith((">", "**", "#"))] == [
        "# how much",
        "> how much",
        "**$5**",
        "> and why",
    ]


@pytest.mark.django_db
def test_a_very_long_conversation_is_exported_with_its_latest_part(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MAX_CHARACTERS", 350)
    monkeypatch.setattr(downloads, "MESSAGES_PER_READ", 2)
    thread = queue_run(people.owner, "question 0").thread
    for number in range(1, 6):
        Run.objects.update(state=RunState.COMPLETED, ending={"answer": "x" * 90})
        queue_run(people.owner, f"question {number}", thread_id=thread.id)
    Run.objects.update(state=RunState.COMPLETED, ending={"answer": "x" * 90})
    found = load_conversation(people.owner.id, thread.id)
    assert [each.question for each in found.exchanges] == ["question 3", "question 4", "question 5"]
    assert not found.complete
    monkeypatch.setattr(downloads, "MAX_CHARACTERS", 10)
    assert [each.question for each in load_conversation(people.owner.id, thread.id).exchanges] == ["question 5"]
    monkeypatch.setattr(downloads, "MAX_CHARACTERS", 10_000)
    assert load_conversation(people.owner.id, thread.id).complete


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_another_users_conversation_is_not_exported(people: People, who: str) -> None:
    thread, other = queue_run(people.owner, "secret").thread, getattr(people, who)
    assert is_refused(rest(other).get(f"/api/threads/{thread.id}/conversation.md"), 404, "not_found")
    with pytest.raises(NotFound):
        load_conversation(other.id, thread.id)
