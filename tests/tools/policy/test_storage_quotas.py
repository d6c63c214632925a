"""The disk that a plan lets its users' logs take."""

from datetime import UTC, datetime, timedelta

import pytest

from core.models import User
from tests.conftest import People
from tools.policy.models import Plan, Subscription
from tools.policy.plans import INITIAL_PLANS, MIB, get_storage_limit

pytestmark = pytest.mark.django_db
INSTALLATION = 7


def limit(user: User) -> int:
    return get_storage_limit(user.id, INSTALLATION)


def test_the_plan_sets_the_storage_quota(people: People) -> None:
    Subscription.objects.create(user=people.owner, plan=Plan.objects.get(slug="free"))
    assert limit(people.owner) == (INITIAL_PLANS["free"][3] or 0) * MIB
    Plan.objects.filter(slug="free").update(stored_mb=3)
    assert limit(people.owner) == 3 * MIB


def test_a_plan_without_a_quota_uses_the_installations(people: People) -> None:
    Subscription.objects.create(user=people.owner, plan=Plan.objects.get(slug="enterprise"))
    assert limit(people.owner) == INSTALLATION


def test_the_default_plan_applies_without_a_subscription(people: People) -> None:
    Plan.objects.filter(is_default=True).update(stored_mb=2)
    assert limit(people.owner) == 2 * MIB
    over = datetime.now(UTC) - timedelta(seconds=1)
    pro = Plan.objects.get(slug="pro")
    mine = Subscription.objects.create(user=people.owner, plan=pro, trial_ends=over)
    assert limit(people.owner) == 2 * MIB
    Subscription.objects.filter(pk=mine.pk).update(trial_ends=datetime.now(UTC) + timedelta(hours=1))
    assert limit(people.owner) == (pro.stored_mb or 0) * MIB


def test_a_quota_of_zero_is_a_limit(people: People) -> None:
    Plan.objects.filter(is_default=True).update(stored_mb=0)
    assert limit(people.owner) == 0


def test_without_plans_the_installations_quota_applies(people: People) -> None:
    Plan.objects.all().delete()
    assert limit(people.owner) == INSTALLATION
