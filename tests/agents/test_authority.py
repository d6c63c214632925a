"""A user who may no longer act starts nothing, whatever they held before."""

import pytest

from agents.models import Message, Run
from core.exceptions import NotAllowed
from core.models import Event, User
from tests.agents.claimed_runs import queue_run
from tests.conftest import People

pytestmark = pytest.mark.django_db


def test_a_deactivated_user_starts_no_run(people: People) -> None:
    User.objects.filter(id=people.owner.id).update(is_active=False)
    with pytest.raises(NotAllowed):
        queue_run(people.owner)
    assert not (Run.objects.exists() or Message.objects.exists() or Event.objects.exists())
    assert queue_run(people.neighbour).owner_id == people.neighbour.id
