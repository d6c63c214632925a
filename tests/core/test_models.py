from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection, transaction

from agents.models import Run, Step, Thread
from core.db import as_user
from core.exceptions import NotFound
from core.models import AttemptCount, EmbeddedJob, IsolationIncident, Owned, RunnerPause, User, UserStream
from operators.models import Consent
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tools.models import CallResult
from workloads.models import Invoice, Upload, Workload

OURS = ("core", "workloads", "tools", "agents", "realtime")


def test_every_model_with_an_owner_is_owned() -> None:
    """A foreign key to User anywhere else would be a door beside the door."""
    for model in apps.get_models():
        if (
            model._meta.app_label not in OURS
            or model in (User, UserStream, IsolationIncident, AttemptCount, EmbeddedJob, RunnerPause)
            or model._meta.auto_created
        ):
            continue
        to_users = [field.name for field in model._meta.get_fields() if field.related_model is User and field.concrete]
        assert issubclass(model, Owned), model
        assert to_users == ["owner"], model


@pytest.mark.django_db
def test_for_user_returns_only_the_users_rows(people: People) -> None:
    run = queue_run(people.owner)
    assert list(type(run).objects.for_user(people.owner.id)) == [run]
    assert not type(run).objects.for_user(people.neighbour.id).exists()
    assert not type(run).objects.for_user(people.stranger.id).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["neighbour", "stranger"])
def test_get_for_finds_a_row_only_for_its_owner(people: People, who: str) -> None:
    run = queue_run(people.owner)
    assert type(run).objects.select_for_update().get_for(people.owner.id, run.pk) == run
    for user, pk in ((getattr(people, who), run.pk), (people.owner, uuid4())):
        with pytest.raises(NotFound, match="Run not found"):
            type(run).objects.get_for(user.id, pk)


def test_each_model_has_its_own_not_found_message() -> None:
    said = {model: model.NOT_FOUND for model in (CallResult, Consent, Invoice, Run, Step, Thread, Upload, Workload)}
    assert len(set(said.values())) == len(said)
    assert Owned.NOT_FOUND not in said.values()


@pytest.mark.django_db
def test_the_test_users_have_similar_but_different_ids(people: People) -> None:
    assert people.owner.display_name == people.neighbour.display_name
    assert (
        list(people.owner.groups.all())
        == list(people.neighbour.groups.all())
        == [Group.objects.get(name="the same team")]
    )
    assert people.owner.id != people.neighbour.id


@pytest.mark.django_db
def test_deleting_a_user_deletes_what_they_own(people: People) -> None:
    run = queue_run(people.owner)
    queue_run(people.neighbour)
    people.owner.delete()
    assert not type(run).objects.for_user(people.owner.id).exists()
    assert type(run).objects.for_user(people.neighbour.id).count() == 1


@pytest.mark.django_db(transaction=True)
def test_work_as_a_user_opens_no_transaction_on_sqlite(people: People) -> None:
    if connection.vendor == "postgresql":
        with as_user(people.owner.id), connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('netra.user_id', true)")
            assert cursor.fetchone() == (str(people.owner.id),)
        return
    with as_user(people.owner.id):
        assert not connection.in_atomic_block
    with transaction.atomic(), as_user(people.owner.id):
        assert connection.in_atomic_block
