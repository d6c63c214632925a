"""The decision as it is read from the database: nothing is kept, nobody else's rules matter, three queries."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from core.models import User
from tests.conftest import People
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python
from tools.base import PolicyEffect
from tools.policy.decisions import evaluate_call
from tools.policy.models import Plan, Policy, Subscription
from tools.policy.rules import Decision, Quota
from tools.registry import TOOLS

pytestmark = pytest.mark.django_db

LEVER = TOOLS["estimate_lever"]


def ask(user: User, **arguments: Any) -> Decision:
    return evaluate_call(user.id, LEVER, arguments or None)


def put_on(user: User, slug: str, trial_ends: datetime | None = None) -> None:
    Subscription.objects.create(user=user, plan=Plan.objects.get(slug=slug), trial_ends=trial_ends)


def test_a_new_installation_allows_everything(people: People) -> None:
    for tool in TOOLS.values():
        found = evaluate_call(people.owner.id, tool, None)
        assert (found.effect, found.rule, found.hint) == (PolicyEffect.ALLOW, f"default of {tool.name}", None)
        assert found.quota == Quota(per_minute=None, at_once=None)


def test_a_refusal_names_the_plan_that_has_the_category(people: People) -> None:
    put_on(people.owner, "free")
    found = ask(people.owner)
    assert (found.effect, found.rule, found.version) == (PolicyEffect.DENY, "plan free", 0)
    assert found.reason == "“Estimate savings” isn't included in the Free plan."
    assert found.hint == "Upgrade to Pro."
    basic = evaluate_call(people.owner.id, TOOLS["list_levers"], None)
    assert (basic.effect, basic.quota) == (PolicyEffect.ALLOW, Quota(per_minute=60, at_once=4))


def test_a_trial_applies_until_it_ends(people: People) -> None:
    Plan.objects.update(is_default=False)
    Plan.objects.filter(slug="free").update(is_default=True)
    now = datetime.now(UTC)
    put_on(people.owner, "pro", now + timedelta(hours=1))
    assert ask(people.owner).quota == Quota(per_minute=600, at_once=16)
    Subscription.objects.update(trial_ends=now)
    ended = ask(people.owner)
    assert ended.rule == "plan free"
    assert f"your trial ended on {now:%Y-%m-%d}" in ended.reason
    Subscription.objects.update(trial_ends=None)
    assert ask(people.owner).effect is PolicyEffect.ALLOW


def test_without_any_default_plan_nothing_is_allowed(people: People) -> None:
    Plan.objects.update(is_default=False)
    assert (ask(people.owner).effect, ask(people.owner).rule) == (PolicyEffect.DENY, "no plan")


def test_an_inactive_or_deleted_user_is_denied(people: People) -> None:
    Policy.objects.create(effect="allow", user=people.owner)
    User.objects.filter(pk=people.owner.pk).update(is_active=False)
    for user_id in (people.owner.id, uuid4()):
        assert (evaluate_call(user_id, LEVER, None).effect, evaluate_call(user_id, LEVER, None).rule) == (
            PolicyEffect.DENY,
            "account",
        )


def test_rules_apply_only_to_their_subjects(people: People) -> None:
    group = Group.objects.get(name="the same team")
    for to, reached in (
        ({}, {"owner", "neighbour", "stranger"}),
        ({"user": people.owner}, {"owner"}),
        ({"group": group}, {"owner", "neighbour"}),
        ({"plan": Plan.objects.get(slug="enterprise")}, {"owner", "neighbour", "stranger"}),
        ({"plan": Plan.objects.get(slug="pro")}, set()),
    ):
        names: dict[str, Any] = to
        rule = Policy.objects.create(effect="deny", tool="estimate_lever", **names)
        found = {name for name in ("owner", "neighbour", "stranger") if ask(getattr(people, name)).rule == str_of(rule)}
        assert found == reached, names
        rule.delete()


def str_of(rule: Policy) -> str:
    return f"policy {rule.pk}"


def test_a_change_applies_from_the_next_call(people: People) -> None:
    rule = Policy.objects.create(effect="deny", category="advanced optimisation")
    assert ask(people.owner).effect is PolicyEffect.DENY
    Policy.objects.update(effect="ask", version=2)
    assert (ask(people.owner).effect, ask(people.owner).version) == (PolicyEffect.ASK, 2)
    Policy.objects.update(enabled=False)
    assert ask(people.owner).effect is PolicyEffect.ALLOW
    Policy.objects.update(enabled=True, effect="deny", group=Group.objects.get(name="the same team"))
    assert ask(people.owner).rule == str_of(rule)
    people.owner.groups.clear()
    assert ask(people.owner).effect is PolicyEffect.ALLOW


def test_an_unknown_effect_denies(people: People) -> None:
    Policy.objects.create(effect="perhaps")
    assert ask(people.owner).effect is PolicyEffect.DENY


def test_a_decision_takes_three_queries(people: People, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    put_on(people.owner, "free")
    Policy.objects.create(effect="deny", tool="another_tool")
    with django_assert_num_queries(2):
        ask(people.owner, name="x")
    for number in range(20):
        Policy.objects.create(effect="allow", priority=number, limits={"name": {"max_length": 40}})
    with django_assert_num_queries(3):
        ask(people.owner, name="x")
    with django_assert_num_queries(1):
        evaluate_call(uuid4(), LEVER, None)


CHANGE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "netra.settings"
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from tools.policy.models import Policy
Policy.objects.update(effect=sys.argv[2], version=sys.argv[3])
"""


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_another_processs_change_applies_from_the_next_call(people: People) -> None:
    Policy.objects.create(effect="deny", tool="estimate_lever")
    assert ask(people.owner).effect is PolicyEffect.DENY
    elsewhere("ask", "2")
    assert (ask(people.owner).effect, ask(people.owner).version) == (PolicyEffect.ASK, 2)


def elsewhere(*arguments: str) -> None:
    """Run CHANGE on this test's database in a process of its own."""
    name = str(connection.settings_dict["NAME"])
    run_python(["-c", CHANGE, name, *arguments], timeout=PATIENCE).check_returncode()
