"""Conversations are read only with consent, for this operator and conversation, now; each reading is recorded."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from agents.models import Run
from core.events import ConsentChanged
from core.exceptions import NotFound
from core.models import User
from operators import consents
from operators.admission import TargetNotFound
from operators.consents import ConsentRequired
from operators.models import Consent, ConsentUse
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.operators.operators import assert_refused, audit_of, consent_of, dispatcher_of, list_audit_rows, operator
from tests.support.rest_clients import is_refused as refusal
from tests.support.rest_clients import rest
from tests.support.running_worker import everything
from tools.errors import NotPermitted, ToolFailed

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "what nobody else may know"
MAY = ("ask_consent", "read_conversation")


def states_in_stream(user: User) -> list[str]:
    return [event.state for event in everything(user.id) if isinstance(event, ConsentChanged)]


def ask_and_give_consent(olga: User, run: Run, hours: int = 2, *, everywhere: bool = False) -> Consent:
    asked = consents.ask_consent(olga.id, run.owner_id, None if everywhere else run.thread_id, "a ticket")
    return consents.give_consent(run.owner_id, asked.id, hours)


def about(run: Run) -> dict[str, str]:
    return {"user": str(run.owner_id), "thread_id": str(run.thread_id)}


async def test_consent_is_requested_given_used_and_listed(people: People) -> None:
    run, mine = await sync_to_async(queue_run)(people.owner, SECRET), rest(people.owner)
    olga = await sync_to_async(operator)("olga", *MAY, display_name="Olga of the desk")
    async with dispatcher_of(olga) as dispatcher:
        await assert_refused(dispatcher, ConsentRequired, "read_conversation", about(run))
        asked = await dispatcher.dispatch("ask_consent", about(run) | {"why": "ticket 7"})
        await assert_refused(dispatcher, ConsentRequired, "read_conversation", about(run))
        path = f"/api/consents/{asked.value.consent_id}/"
        answer = await sync_to_async(mine.post)(f"{path}give/", {"hours": 1}, format="json")
        assert (answer.status_code, answer.json()["state"]) == (200, "given")
        read = await dispatcher.dispatch("read_conversation", about(run))
        assert [each["text"] for each in read.value.messages] == [SECRET]
        assert [each["type"] for each in read.value.messages[0]["events"]] == ["run_queued"]
        (shown,) = (await sync_to_async(mine.get)("/api/consents/")).json()["results"]
        assert (shown["operator"], shown["why"], len(shown["uses"])) == ("Olga of the desk", "ticket 7", 1)
        assert shown["uses"][0]["thread_id"] == str(run.thread_id)
        assert (await sync_to_async(mine.post)(f"{path}withdraw/")).json()["state"] == "withdrawn"
        await assert_refused(dispatcher, ConsentRequired, "read_conversation", about(run))
    assert await sync_to_async(states_in_stream)(people.owner) == ["asked", "given", "used", "withdrawn"]
    assert await audit_of(people.owner) == [
        ("read_conversation", "refused", "consent", "olga"),
        ("ask_consent", "ok", "default of ask_consent", "olga"),
        ("read_conversation", "refused", "consent", "olga"),
        ("read_conversation", "ok", "consent", "olga"),
        ("read_conversation", "refused", "consent", "olga"),
    ]


def _expire(consent: Consent) -> None:
    Consent.objects.filter(pk=consent.pk).update(expires_at=datetime.now(UTC))


def _withdraw(consent: Consent) -> None:
    consents.withdraw_consent(consent.owner_id, consent.id)


def _of_another(consent: Consent) -> None:
    other = operator("oscar", *MAY)
    Consent.objects.filter(pk=consent.pk).update(operator=other)


def _of_nobody(consent: Consent) -> None:
    Consent.objects.filter(pk=consent.pk).update(operator=None)


def _elsewhere(consent: Consent) -> None:
    other = queue_run(User.objects.get(pk=consent.owner_id)).thread_id
    Consent.objects.filter(pk=consent.pk).update(thread_id=other)


def _decline(consent: Consent) -> None:
    Consent.objects.filter(pk=consent.pk).update(given_at=None, expires_at=None, declined_at=datetime.now(UTC))


@pytest.mark.parametrize("change", [_expire, _withdraw, _of_another, _of_nobody, _elsewhere, _decline])
async def test_another_or_an_ended_consent_does_not_count(people: People, change: Callable[[Consent], None]) -> None:
    run = await sync_to_async(queue_run)(people.owner, SECRET)
    olga = await sync_to_async(operator)("olga", *MAY)
    consent = await sync_to_async(ask_and_give_consent)(olga, run)
    async with dispatcher_of(olga) as dispatcher:
        await dispatcher.dispatch("read_conversation", about(run))
        await sync_to_async(change)(consent)
        await assert_refused(dispatcher, ConsentRequired, "read_conversation", about(run))
    assert await ConsentUse.objects.acount() == 1


def test_nobody_answers_a_request_to_another_user(people: People) -> None:
    run = queue_run(people.owner, SECRET)
    asked = consents.ask_consent(people.stranger.id, people.owner.id, run.thread_id, "a ticket")
    other = people.neighbour.id
    answers: tuple[Callable[[], Consent], ...] = (
        lambda: consents.give_consent(other, asked.id, 1),
        lambda: consents.decline_consent(other, asked.id),
        lambda: consents.withdraw_consent(other, asked.id),
    )
    for answer in answers:
        with pytest.raises(NotFound):
            answer()
    assert states_in_stream(people.owner) == ["asked"]
    assert states_in_stream(people.neighbour) == []


async def test_consent_for_all_is_for_one_user_and_needs_the_permission(people: People) -> None:
    mine, theirs = (
        await sync_to_async(queue_run)(people.owner, SECRET),
        await sync_to_async(queue_run)(people.neighbour),
    )
    olga = await sync_to_async(operator)("olga", "read_conversation")
    oscar = await sync_to_async(operator)("oscar", "ask_consent")
    await sync_to_async(ask_and_give_consent)(olga, mine, everywhere=True)
    await sync_to_async(ask_and_give_consent)(oscar, mine, everywhere=True)
    async with dispatcher_of(olga) as dispatcher, dispatcher_of(oscar) as others:
        await dispatcher.dispatch("read_conversation", about(mine))
        await assert_refused(dispatcher, ConsentRequired, "read_conversation", about(theirs))
        # The neighbour's conversation under the owner's name, and one that there is not.
        crossed = {"user": str(people.owner.id), "thread_id": str(theirs.thread_id)}
        await assert_refused(dispatcher, TargetNotFound, "read_conversation", crossed)
        await assert_refused(dispatcher, TargetNotFound, "read_conversation", crossed | {"thread_id": str(uuid4())})
        await assert_refused(others, NotPermitted, "read_conversation", about(mine))


async def test_a_consent_that_ends_between_check_and_reading_is_refused(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = await sync_to_async(queue_run)(people.owner, SECRET)
    olga = await sync_to_async(operator)("olga", *MAY)
    monkeypatch.setattr("operators.admission.require_consent", lambda *_: None)
    async with dispatcher_of(olga) as dispatcher:
        await assert_refused(dispatcher, ConsentRequired, "read_conversation", about(run))
    assert await ConsentUse.objects.acount() == 0


def test_only_its_owner_answers_and_only_once(people: People) -> None:
    run, olga = queue_run(people.owner), operator("olga")
    asked = consents.ask_consent(olga.id, people.owner.id, run.thread_id, "a ticket")
    path = f"/api/consents/{asked.id}/"
    for other in (people.neighbour, olga):
        for act in ("give", "decline", "withdraw"):
            said = {"hours": 1} if act == "give" else {}
            assert refusal(rest(other).post(f"{path}{act}/", said, format="json"), 404, "not_found")
        assert rest(other).get("/api/consents/").json() == {"results": []}
    assert rest().post(f"{path}give/").status_code == 401
    mine = rest(people.owner)
    assert refusal(mine.post(f"{path}withdraw/"), 409, "conflict")
    for hours in (0, 169, None):
        assert refusal(mine.post(f"{path}give/", {"hours": hours}, format="json"), 400, "bad_input")
    assert mine.post(f"{path}decline/").json()["state"] == "declined"
    assert refusal(mine.post(f"{path}give/", {"hours": 1}, format="json"), 409, "conflict")
    assert consent_of(asked.id).given_at is None
    assert states_in_stream(people.owner) == ["asked", "declined"]


def test_a_consent_lasts_a_week_at_most(people: People) -> None:
    consent = ask_and_give_consent(operator("olga"), queue_run(people.owner), hours=168)
    assert consent.given_at is not None
    assert consent.expires_at == consent.given_at + timedelta(days=7)


def test_a_request_is_made_once_and_expires(people: People) -> None:
    olga, run = operator("olga"), queue_run(people.owner)
    first = consents.ask_consent(olga.id, people.owner.id, run.thread_id, "a ticket")
    assert consents.ask_consent(olga.id, people.owner.id, run.thread_id, "again") == first
    assert states_in_stream(people.owner) == ["asked"]
    Consent.objects.filter(pk=first.pk).update(asked_at=datetime.now(UTC) - timedelta(days=7))
    late = rest(people.owner).post(f"/api/consents/{first.id}/give/", {"hours": 1}, format="json")
    assert refusal(late, 409, "conflict")
    assert consents.ask_consent(olga.id, people.owner.id, run.thread_id, "again") != first


async def test_an_operator_cannot_flood_a_user_with_requests(people: People) -> None:
    olga = await sync_to_async(operator)("olga", *MAY)
    threads = [(await sync_to_async(queue_run)(people.owner)).thread_id for _ in range(6)]
    async with dispatcher_of(olga) as dispatcher:
        for thread_id in threads[:5]:
            await dispatcher.dispatch("ask_consent", {"user": "owner", "thread_id": str(thread_id), "why": "a ticket"})
        last: dict[str, Any] = {"user": "owner", "thread_id": str(threads[5]), "why": "a ticket"}
        await assert_refused(dispatcher, ToolFailed, "ask_consent", last)


def test_nobody_can_use_the_consent_of_a_deleted_operator(people: People) -> None:
    olga, run = operator("olga"), queue_run(people.owner)
    ask_and_give_consent(olga, run)
    olga.delete()
    (shown,) = rest(people.owner).get("/api/consents/").json()["results"]
    assert (shown["operator"], shown["state"]) == ("deleted account", "given")
    assert list_audit_rows(people.owner) == []
