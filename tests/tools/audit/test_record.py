import threading
from uuid import uuid4

import pytest
from django.db import close_old_connections, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from core.exceptions import Defect
from core.models import User
from tests.conftest import People
from tests.tools.audit.attempts import attempt, record
from tools.audit.chain import LINK_COLUMNS, ChainLink, compute_link_mac, get_known_keys
from tools.audit.models import AnchoredHead, AppendOnlyViolation, AuditAnchor, AuditHead, AuditRow, AuditSubject
from tools.audit.record import append_attempts, commit_attempt

pytestmark = pytest.mark.django_db


def name_of(user: User) -> str:
    return AuditSubject.objects.get(owner_id=user.id).subject


def links(user: User) -> list[ChainLink]:
    return [
        ChainLink(**each)
        for each in AuditRow.objects.filter(subject=name_of(user)).order_by("seq").values(*LINK_COLUMNS)
    ]


def is_whole(chain: list[ChainLink]) -> bool:
    """Numbered from 1, each on the one before, and each what was sealed."""
    keys = get_known_keys()
    before = ""
    for seq, link in enumerate(chain, start=1):
        if (link.seq, link.previous, link.mac) != (seq, before, compute_link_mac(link, keys[link.key])):
            return False
        before = link.mac
    return True


def test_a_row_is_chained_to_the_one_before(people: People) -> None:
    record(people.owner.id, 3)
    record(people.owner.id, 2)
    chain = links(people.owner)
    assert len(chain) == 5
    assert is_whole(chain)
    assert AuditHead.objects.values_list("seq", "mac").get() == (5, chain[-1].mac)


def test_each_user_has_their_own_chain(people: People) -> None:
    one, two = people.owner.id, people.neighbour.id
    with transaction.atomic():
        append_attempts([attempt(one), attempt(two), attempt(one), attempt(two), attempt(one)])
    assert [len(links(user)) for user in (people.owner, people.neighbour)] == [3, 2]
    assert is_whole(links(people.owner)) and is_whole(links(people.neighbour))


def test_an_attempt_is_stored_with_a_digest_of_its_arguments(people: People) -> None:
    record(people.owner.id, actor_id=people.stranger.id, outcome="refused", code="denied", result=None)
    (link,) = links(people.owner)
    assert link.actor == name_of(people.stranger)
    assert (link.tool, link.outcome, link.code, link.result) == ("profile_workload", "refused", "denied", "")
    assert (link.duration_ms, str(link.cost)) == (12.346, "0.00200000")
    assert len(link.arguments) == 64


def test_equal_arguments_of_two_users_have_different_digests(people: People) -> None:
    run_id = uuid4()
    record(people.owner.id, 2, run_id=run_id)
    record(people.neighbour.id, run_id=run_id)
    first, second = links(people.owner)
    (other,) = links(people.neighbour)
    assert (first.arguments, first.result, first.run) == (second.arguments, second.result, second.run)
    assert not {first.arguments, first.result, first.run} & {other.arguments, other.result, other.run, run_id.hex}


def test_an_unknown_tools_name_is_not_stored(people: People) -> None:
    record(people.owner.id, tool="kanarienvogel", code="unknown_tool", outcome="refused")
    record(people.owner.id, tool="nachtigall", code="unknown_tool", outcome="refused")
    first, second = links(people.owner)
    assert first.tool == second.tool == "unknown"
    assert first.arguments != second.arguments


def test_statements_do_not_grow_with_attempts_and_users(people: People) -> None:
    users = [people.owner.id, people.neighbour.id, people.stranger.id]
    with transaction.atomic():
        append_attempts([attempt(user) for user in users])
        with CaptureQueriesContext(connection) as few:
            append_attempts([attempt(users[0])])
        with CaptureQueriesContext(connection) as many:
            append_attempts([attempt(user) for user in users * 100])
    assert len(few) == len(many) == 3


@pytest.mark.django_db(transaction=True)
def test_appending_outside_a_transaction_is_refused(people: People) -> None:
    with pytest.raises(Defect, match="transaction"):
        append_attempts([attempt(people.owner.id)])
    assert not AuditSubject.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_rollback_removes_the_row(people: People) -> None:
    record(people.owner.id)
    with transaction.atomic():
        append_attempts([attempt(people.owner.id)])
        transaction.set_rollback(True)
    record(people.owner.id)
    assert [link.seq for link in links(people.owner)] == [1, 2]
    assert is_whole(links(people.owner))


@pytest.mark.django_db(transaction=True)
def test_concurrent_rows_keep_the_chain_intact(people: People) -> None:
    """Also of users whose first row it is; an operator's acts among them."""
    users = [people.owner, people.neighbour]
    start, failed = threading.Barrier(6), []

    def work(number: int) -> None:
        try:
            start.wait(10)
            for turn in range(8):
                user = users[(number + turn) % 2].id
                if number % 2:
                    commit_attempt(attempt(user, actor_id=people.stranger.id))
                else:
                    record(user, 2)
        except BaseException as error:  # noqa: BLE001
            failed.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    assert failed == []
    assert [len(links(user)) for user in users] == [36, 36]
    assert all(is_whole(links(user)) for user in users)


@pytest.mark.parametrize("model", [AuditRow, AuditAnchor, AnchoredHead])
def test_a_row_cannot_be_changed_or_deleted(people: People, model: type[AuditRow]) -> None:
    record(people.owner.id)
    row = model()
    for change in (
        row.save,
        row.delete,
        model.objects.create,
        lambda: model.objects.update(seq=7),
        lambda: model.objects.all().delete(),
        lambda: model._base_manager.filter(seq=1).delete(),
        lambda: model.objects.filter(seq=1).bulk_update([row], ["seq"]),
    ):
        with pytest.raises(AppendOnlyViolation):
            change()
    assert AuditRow.objects.count() == 1
