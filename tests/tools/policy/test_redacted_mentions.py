"""Nothing of an erased user is left in policies and their history; what others decided is."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from accounts.erasure import clear_references
from core.models import User
from core.versions import RuleChange
from tests.support.filled_rows import marks_of, person, rows_of
from tools.policy.models import Plan, Policy, PolicyVersion, Subscription

pytestmark = pytest.mark.django_db


def erase_user(user: User) -> None:
    clear_references(user)
    user.delete()


def test_an_erased_user_is_not_named() -> None:
    user, admin = person("quendelmoor"), person("verwalterin")
    by_admin = RuleChange(actor_id=admin.pk, actor=admin.username, why=f"{user.username} asked, see {user.email}")
    by_user = RuleChange(actor_id=user.pk, actor=user.username, why="mine")
    Subscription.objects.create(user=user, plan=Plan.objects.get(slug="pro"))
    Policy(effect="allow", user=user, reason="You may.").save_version(by_admin)
    Policy(effect="deny", reason="Quendelmoor and quendelmoorland are busy.").save_version(by_admin)
    Policy(effect="ask").save_version(by_user)
    marks = marks_of(user, user.username)
    assert len(rows_of(marks)) >= 7
    erase_user(user)
    left = rows_of(marks)
    assert [row for row in left if "quendelmoorland" not in row] == []
    gone = "(somebody who is gone)"
    assert set(PolicyVersion.objects.values_list("why", "changed_by", "actor_id")) == {
        (f"{gone} asked, see {gone}", "verwalterin", admin.pk),
        ("mine", "", None),
    }
    assert Policy.objects.get(effect="deny").reason == f"{gone} and quendelmoorland are busy."


def test_a_user_named_like_a_word_of_a_rule_does_not_change_it() -> None:
    user = person("deny")
    row = Policy(effect="deny", category="basic").save_version(
        RuleChange(actor_id=uuid4(), actor="x", why="denying, undeny")
    )
    erase_user(user)
    row.refresh_from_db()
    assert (row.said["effect"], row.why) == ("deny", "denying, undeny")


def test_a_rules_subject_cannot_be_deleted() -> None:
    plan = Plan.objects.get(slug="pro")
    Policy.objects.create(effect="deny", plan=plan)
    with pytest.raises(ProtectedError):
        plan.delete()


def test_there_is_one_default_and_one_subject() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.filter(slug="free").update(is_default=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.create(effect="deny", plan=Plan.objects.get(slug="pro"), user=person("quendelmoor"))
